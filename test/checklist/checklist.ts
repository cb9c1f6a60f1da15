/**
 * The checklist: what the tests of the reference's storage service assert, line by line, and which test here asserts the same.
 *
 * `test/checklist.json` maps the number of each line (storage-service §6 of the reference) to a test and to the one-line fault
 * that this test was seen to notice, or to a row of the table in `core/ARCHITECTURE.md` that says why there is no such thing
 * here. `npm run checklist` applies every fault and looks again.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Lines of the reference's checklist: 1 to 118. */
export const CHECKLIST_LINES = 118;

/** A test, by its file and its full name: those of its `describe`s and its own, joined by ` > `. */
export interface TestReference {
  /** Path from the root of the repository. */
  readonly file: string;
  /** For a table (`it.each`): the name as it stands in the source, or that of one of its rows. */
  readonly name: string;
}

/** A fault of one line. */
export interface Fault {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Text of one line, or a part of it, that occurs once in the file. */
  readonly find: string;
  /** What stands there instead. */
  readonly replace: string;
}

/** A line that a test here covers. */
export interface TestedLine {
  /** File and name of the reference's test. */
  readonly line: string;
  /** The test here. */
  readonly test: TestReference;
  /** What makes it fail. */
  readonly fault: Fault;
}

/** A line about something that does not exist here. */
interface LineWithoutTest {
  /** File and name of the reference's test. */
  readonly line: string;
  /** First cell of the row that says what became of it. */
  readonly row: string;
}

/** One line. */
export type ChecklistLine = TestedLine | LineWithoutTest;

/** Reads the checklist of the repository at `root`, by line number. */
export function readChecklist(root: string): ReadonlyMap<number, ChecklistLine> {
  const lines: Record<string, ChecklistLine> = JSON.parse(readFileSync(join(root, "test/checklist.json"), "utf8"));
  return new Map(Object.entries(lines).map(([number, line]) => [Number(number), line]));
}

/** Tells whether a test covers a line. */
export function isTested(line: ChecklistLine): line is TestedLine {
  return "test" in line;
}

/** Why `fault` is not a fault of one line that occurs once in `source`, or `undefined` if it is. */
export function faultProblem(source: string, { file, find, replace }: Fault): string | undefined {
  if (find.includes("\n") || replace.includes("\n")) return `${file}: the fault has more than one line`;
  if (find === replace || find === "") return `${file}: the fault changes nothing`;
  const places = source.split(find).length - 1;
  return places === 1 ? undefined : `${file}: the fault's text occurs ${places} times: ${find}`;
}

/** `source` with the fault in it. */
export function withFault(source: string, fault: Fault): string {
  const problem = faultProblem(source, fault);
  if (problem !== undefined) throw new Error(`Cannot apply fault: ${problem}`);
  // A function, since `$` stands for something else in a replacement text.
  return source.replace(fault.find, () => fault.replace);
}

/** First cells of the table of peer-to-peer terms in `core/ARCHITECTURE.md`: what a line may refer to. */
export function architectureRows(root: string): string[] {
  const page = readFileSync(join(root, "core/ARCHITECTURE.md"), "utf8").split("\n");
  const head = page.findIndex((text) => /^\|\s*reference\s*\|/i.test(text));
  const rows: string[] = [];
  for (let at = head + 2; head >= 0 && page[at]?.startsWith("|") === true; at++) {
    rows.push((page[at] as string).split("|")[1]?.trim() ?? "");
  }
  return rows;
}
