/**
 * Sees every fault of the checklist noticed: `npm run checklist`, or `npm run checklist -- --lines 33-45`.
 *
 * For each line, in a copy of the repository: its test passes; with the fault planted, the same test fails. Ends with exit
 * code 1 if one does not. Takes some four seconds a line.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { CHECKLIST_LINES, type ChecklistLine, isTested, readChecklist, type TestedLine } from "./checklist.ts";
import { createWorkingCopy, type Verdict, type WorkingCopy } from "./working-copy.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

type Lines = (number: number) => boolean;

const { lines: wanted } = new Command("npm run checklist --")
  .description("see the test of every line fail with the line's fault planted in a copy, and pass without it")
  .addOption(
    new Option("--lines <A-B>", "which lines").argParser(linesOf).default(linesOf(`1-${CHECKLIST_LINES}`), "all"),
  )
  .parse()
  .opts<{ lines: Lines }>();
const lines = [...readChecklist(root)].filter(([number]) => wanted(number));
const tested = lines.filter((entry): entry is [number, TestedLine] => isTested(entry[1]));

const copy = createWorkingCopy(root);
let held = 0;
try {
  const sound = verdictsWithoutFaults(copy, tested);
  for (const [number, line] of lines) {
    const outcome = outcomeOf(copy, line, sound.get(number));
    if (outcome.held) held++;
    console.log(`${String(number).padStart(3)} ${outcome.held ? "ok    " : "FAILED"} ${line.line}: ${outcome.text}`);
  }
} finally {
  copy.remove();
}
console.log(`${held} of ${lines.length} lines hold (${lines.length - tested.length} are rows of the table)`);
process.exitCode = held === lines.length && lines.length > 0 ? 0 : 1;

/** Every test once, file by file: what is wrong without a fault proves nothing with one. */
function verdictsWithoutFaults(
  { run }: WorkingCopy,
  entries: readonly (readonly [number, TestedLine])[],
): Map<number, Verdict> {
  const verdicts = new Map<number, Verdict>();
  for (const file of new Set(entries.map(([, { test }]) => test.file))) {
    const ofFile = entries.filter(([, { test }]) => test.file === file);
    const results = run(file, ofFile.map(([, { test }]) => test.name));
    for (const [i, [number]] of ofFile.entries()) verdicts.set(number, results[i] as Verdict);
  }
  return verdicts;
}

function outcomeOf(
  { run, withFault }: WorkingCopy,
  line: ChecklistLine,
  sound: Verdict | undefined,
): { readonly held: boolean; readonly text: string } {
  if (!isTested(line)) return { held: true, text: `row "${line.row}"` };
  const { test, fault } = line;
  if (sound !== "passed") return { held: false, text: `without a fault: ${sound}; ${test.file}: ${test.name}` };
  const [verdict] = withFault(fault, () => run(test.file, [test.name]));
  if (verdict === "failed") return { held: true, text: `noticed by ${test.file}` };
  return { held: false, text: `${verdict} with ${fault.file}: ${fault.find} → ${fault.replace}; ${test.file}` };
}

/** `12` or `33-45`. */
function linesOf(text: string): Lines {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError("It must be A-B or one number.");
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return (number) => number >= first && number <= last;
}
