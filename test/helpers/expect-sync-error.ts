/**
 * Expectations about refusals.
 *
 * @module
 */
import { expect } from "vitest";
import { SyncError, type SyncErrorCode } from "../../core/errors.ts";

/** Expects `run` to throw a `SyncError` with one of `codes`, and returns it. */
export function expectSyncError(run: () => unknown, ...codes: readonly SyncErrorCode[]): SyncError {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, "nothing or something else was thrown").toBeInstanceOf(SyncError);
  const error = thrown as SyncError;
  expect(codes, error.message).toContain(error.code);
  return error;
}

/** As {@link expectSyncError}, of work that is under way. */
export async function expectSyncErrorFrom(
  work: Promise<unknown>,
  ...codes: readonly SyncErrorCode[]
): Promise<SyncError> {
  const thrown = await work.then(() => undefined, (reason: unknown) => reason);
  return expectSyncError(() => {
    throw thrown;
  }, ...codes);
}
