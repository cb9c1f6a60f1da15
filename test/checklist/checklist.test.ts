import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  architectureRows,
  CHECKLIST_LINES,
  faultProblem,
  isTested,
  readChecklist,
  type TestedLine,
  withFault,
} from "./checklist.ts";
import { isNamed, type TestName, testNamePattern, testNamesIn } from "./test-names.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const lines = [...readChecklist(root)];
const tested = lines.map(([, line]) => line).filter(isTested);

describe("the checklist of the reference", () => {
  it("has every line, each under a name of its own", () => {
    const numbers = lines.map(([number]) => number);
    expect(numbers).toEqual(Array.from({ length: CHECKLIST_LINES }, (_, i) => i + 1));
    expect(new Set(lines.map(([, { line }]) => line)).size).toBe(CHECKLIST_LINES);
  });

  it("names tests that exist", () => {
    const namesOf = remembering((file: string): TestName[] => {
      const path = join(root, file);
      return existsSync(path) ? testNamesIn(readFileSync(path, "utf8")) : [];
    });
    const missing = tested.filter(({ test }) => !isNamed(namesOf(test.file), test.name));
    expect(missing.map(({ line, test }) => `${line}: ${test.file}: ${test.name}`)).toEqual([]);
  });

  it("names faults that can be planted", () => {
    const problems = tested.map(({ line, fault }: TestedLine) => {
      const path = join(root, fault.file);
      const problem = existsSync(path) ? faultProblem(readFileSync(path, "utf8"), fault) : `${fault.file} is not there`;
      return problem === undefined ? undefined : `${line}: ${problem}`;
    });
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  });

  it("names rows that the table in core/ARCHITECTURE.md has", () => {
    const rows = architectureRows(root);
    const missing = lines.filter(([, line]) => !isTested(line) && !rows.includes(line.row));
    expect(missing.map(([, line]) => line)).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
  });
});

describe("the names of tests, read from source", () => {
  const source = `
    import { describe as d } from "vitest";
    describe("a", () => {
      it("plain (1)", () => {});
      describe.each([1])("group %s", () => {
        it.each<{ x: number }>([{ x: 1 }])("row $x of \${2}", ({ x }) => {});
        for (const kind of ["k"]) it.skipIf(false)(\`template \${kind} end\`, () => {});
      });
    });
    it("alone", () => {});
    other("not a test", () => {});
  `;
  const names = testNamesIn(source);

  it("are found in groups, tables and templates, and nowhere else", () => {
    expect(names.map((parts) => parts.length)).toEqual([2, 3, 3, 1]);
    expect(isNamed(names, "a > plain (1)")).toBe(true);
    expect(isNamed(names, "a > plain 1")).toBe(false);
    expect(isNamed(names, "plain (1)")).toBe(false);
    expect(isNamed(names, "not a test")).toBe(false);
    expect(isNamed(names, "alone")).toBe(true);
  });

  it("match the rows of a table, and its name as it is written", () => {
    expect(isNamed(names, "a > group 1 > template k end")).toBe(true);
    expect(isNamed(names, "a > group %s > template $" + "{kind} end")).toBe(true);
    expect(isNamed(names, "a > group 7 > template k")).toBe(false);
  });

  it("select with vitest -t what they name", () => {
    expect("a > plain (1)").toMatch(new RegExp(testNamePattern("a > plain (1)")));
    expect("a > plain (1) too").not.toMatch(new RegExp(testNamePattern("a > plain (1)")));
    expect("a > group 7 > row 3").toMatch(new RegExp(testNamePattern("a > group %s > row $x")));
  });
});

describe("a fault", () => {
  const fault = { file: "x.ts", find: "a < b", replace: "a <= b" };

  it("is one line that occurs once", () => {
    expect(faultProblem("if (a < b) {}\n", fault)).toBeUndefined();
    expect(faultProblem("if (a > b) {}\n", fault)).toMatch(/0 times/);
    expect(faultProblem("a < b\na < b\n", fault)).toMatch(/2 times/);
    expect(faultProblem("a < b\n", { ...fault, find: "a < b\n" })).toMatch(/one line/);
    expect(faultProblem("a < b\n", { ...fault, replace: "a < b" })).toMatch(/nothing/);
  });

  it("replaces the text and nothing else", () => {
    expect(withFault("1; a < b; 2", { ...fault, replace: "$&$1" })).toBe("1; $&$1; 2");
    expect(() => withFault("1", fault)).toThrow(/0 times/);
  });
});

function remembering<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key) as V;
  };
}
