/**
 * A progress bar on the terminal for work that takes longer than a second; nothing at all elsewhere.
 *
 * @module
 */
import process from "node:process";
import { Presets, SingleBar } from "cli-progress";

/** Work shorter than this shows no bar, in milliseconds: a bar that flashes by only irritates. */
const QUIET_MS = 1000;

/** Values shown in the bar's text, by the names used in its format. */
type ProgressPayload = Readonly<Record<string, string | number>>;

/** A bar that its owner moves. */
export interface Progress {
  /** Moves the bar. `total` may grow while the work goes on. */
  update(value: number, total: number, payload?: ProgressPayload): void;
  /** Leaves the last state on the screen and the cursor below it. Harmless to call twice. */
  stop(): void;
}

/**
 * Creates a bar on stderr.
 *
 * @param format Text of the line in cli-progress's notation, e.g. `sync {bar} {percentage}% | {rate} tx/s | ETA {eta_formatted}`.
 */
export function createProgress(format: string): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const startedMs = performance.now();
  let bar: SingleBar | undefined;
  return {
    update(value, total, payload = {}) {
      if (bar === undefined) {
        if (performance.now() - startedMs < QUIET_MS) return;
        bar = new SingleBar(
          { format, stream: process.stderr, hideCursor: true, etaBuffer: 40, fps: 10, stopOnComplete: false },
          Presets.shades_classic,
        );
        bar.start(total, value, payload);
        return;
      }
      bar.setTotal(total);
      bar.update(value, payload);
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}
