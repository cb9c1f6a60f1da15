/**
 * The last line of the test command: `N passed, N failed`, from the reports that vitest and the gates left.
 *
 * @module
 */

/** What one gate, or one report of vitest, adds up to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** A check has no tests inside: it is one. */
export function tallyOfCheck(exitCode: number): Tally {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/**
 * Counts a run of vitest. A file that did not load, and a run that failed although no test did (or that left no report,
 * or ran nothing), count as one failed test each.
 *
 * @param exitCode Exit code of the run.
 * @param reportText Its JSON report; `undefined` if it left none.
 */
export function tallyOfVitest(exitCode: number, reportText: string | undefined): Tally {
  if (reportText === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const report: VitestReport = JSON.parse(reportText);
  const unloaded =
    report.testResults.filter(({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed")
    ).length;
  const failed = report.numFailedTests + unloaded;
  const skipped = report.numPendingTests + report.numTodoTests;
  const ranNothing = report.numPassedTests + failed + skipped === 0;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && (exitCode !== 0 || ranNothing) ? 1 : failed,
    skipped,
  };
}

/** Adds tallies up. */
export function sumOfTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce((sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }), { passed: 0, failed: 0, skipped: 0 });
}

/** The closing line. */
export function tallyLine({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}
