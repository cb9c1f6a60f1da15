/**
 * Waits for the operator: Ctrl-C or a termination signal.
 *
 * @module
 */
import process from "node:process";

/** The signals that end a command that would run for ever. */
const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Why a run was aborted when the operator stopped it. */
class StoppedByOperator extends Error {
  override readonly name = "StoppedByOperator";
}

/**
 * A signal that aborts with {@link StoppedByOperator} at the first Ctrl-C or SIGTERM. The second one ends the process as if
 * nobody listened.
 */
export function operatorSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, stop);
    controller.abort(new StoppedByOperator("Stopped by the operator"));
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  return controller.signal;
}

/** Resolves when `signal` aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
