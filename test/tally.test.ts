import { describe, expect, it } from "vitest";
import { sumOfTallies, tallyLine, tallyOfCheck, tallyOfVitest } from "./tally.ts";

/** A report of vitest with some files, each a list of its tests' statuses. */
function report(files: readonly { readonly status: string; readonly tests: readonly string[] }[]): string {
  const count = (status: string) => files.flatMap(({ tests }) => tests).filter((test) => test === status).length;
  return JSON.stringify({
    numPassedTests: count("passed"),
    numFailedTests: count("failed"),
    numPendingTests: count("pending"),
    numTodoTests: count("todo"),
    testResults: files.map(({ status, tests }) => ({
      status,
      assertionResults: tests.map((test) => ({ status: test })),
    })),
  });
}

describe("tally", () => {
  it("counts a check as one test", () => {
    expect(tallyOfCheck(0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(tallyOfCheck(3)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it.each([
    ["tests", 0, [{ status: "passed", tests: ["passed", "passed", "pending", "todo"] }], [2, 0, 2]],
    ["failed tests", 1, [{ status: "failed", tests: ["passed", "failed", "failed"] }], [1, 2, 0]],
    ["a file that did not load as one", 1, [{ status: "failed", tests: [] }], [0, 1, 0]],
    ["a failed hook of a file as one", 1, [{ status: "failed", tests: ["passed", "pending"] }], [1, 1, 1]],
    ["a run that failed without a failed test as one", 1, [{ status: "passed", tests: ["passed"] }], [1, 1, 0]],
    ["a run without any test as a failed one", 0, [], [0, 1, 0]],
    ["a run that skipped all as no failure", 0, [{ status: "passed", tests: ["pending"] }], [0, 0, 1]],
  ])("counts %s", (_, exitCode, files, [passed, failed, skipped]) => {
    expect(tallyOfVitest(exitCode, report(files))).toEqual({ passed, failed, skipped });
  });

  it("counts a run that left no report as failed, whatever its exit code", () => {
    expect(tallyOfVitest(0, undefined)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it("adds up, and says so in one line", () => {
    const sum = sumOfTallies([tallyOfCheck(0), tallyOfCheck(1), { passed: 40, failed: 0, skipped: 2 }]);
    expect(sum).toEqual({ passed: 41, failed: 1, skipped: 2 });
    expect(tallyLine(sum)).toBe("41 passed, 1 failed");
  });
});
