/**
 * A copy of the repository in which faults are planted: the tree itself is never changed.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fault, type TestReference, withFault } from "./checklist.ts";
import { SEPARATOR, testNamePattern } from "./test-names.ts";

/** What the tests read. */
const PARTS = ["core", "adapters", "worker", "test", "package.json", "deno.json", "wrangler.toml", "README.md"];

/** A fault may make a test wait for ever: far above what an honest one takes on a busy machine. */
const TEST_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 240_000;

/** What became of a test. */
export type Verdict = "passed" | "failed" | "not run" | "broken file" | "hung";

/** A copy of the repository. */
export interface WorkingCopy {
  /** Plants a fault, does the work, and takes the fault out again. */
  withFault<T>(fault: Fault, work: () => T): T;
  /** Runs tests of one file and tells what became of each, in the order given. */
  run(file: string, names: readonly string[]): Verdict[];
  /** Removes it. */
  remove(): void;
}

/** Copies the repository at `root` to a temporary folder. */
export function createWorkingCopy(root: string): WorkingCopy {
  const copy = mkdtempSync(join(realpathSync(tmpdir()), "velor-checklist-"));
  for (const part of PARTS) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return {
    withFault(fault, work) {
      const path = join(copy, fault.file);
      const source = readFileSync(path, "utf8");
      writeFileSync(path, withFault(source, fault));
      try {
        return work();
      } finally {
        writeFileSync(path, source);
      }
    },
    run: (file, names) => runTests(copy, file, names),
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}

/** The part of vitest's JSON report that is looked at. */
interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

function runTests(copy: string, file: string, names: readonly string[]): Verdict[] {
  const patterns = names.map(testNamePattern);
  const reportPath = join(copy, "report.json");
  const args = ["run", "--config", "test/vitest.config.ts", "--project", projectOf(file), `${file}`];
  const reporting = ["--reporter=json", `--outputFile.json=${reportPath}`, `--testTimeout=${TEST_TIMEOUT_MS}`];
  rmSync(reportPath, { force: true });
  const { error } = spawnSync(
    join(copy, "node_modules/.bin/vitest"),
    [...args, ...reporting, "-t", patterns.join("|")],
    { cwd: copy, timeout: RUN_TIMEOUT_MS, killSignal: "SIGKILL", stdio: "ignore" },
  );
  if (error !== undefined) return names.map(() => "hung");
  const report: Report = JSON.parse(readFileSync(reportPath, "utf8"));
  return patterns.map((pattern) => verdictOf(report, new RegExp(pattern)));
}

function verdictOf({ testResults }: Report, pattern: RegExp): Verdict {
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed")
    .filter(({ ancestorTitles, title }) => pattern.test([...ancestorTitles, title].join(SEPARATOR)));
  if (results.some(({ status }) => status === "failed")) return "failed";
  if (testResults.some(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0)) {
    return "broken file";
  }
  return results.length === 0 ? "not run" : "passed";
}

function projectOf(file: TestReference["file"]): string {
  return file.startsWith("test/adapters/cloudflare/") ? "workerd" : "node";
}
