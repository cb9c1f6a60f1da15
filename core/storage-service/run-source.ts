/**
 * Items as storage gives them, run after run: each run is read once, however many lists are tried on it.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";

/** Neighbouring items, one column for each part of an item. */
export type ColumnRun = readonly Column[];

/** Reads runs when they are asked for, and remembers them. */
export class RunSource {
  readonly #runs: AsyncIterator<ColumnRun>;
  readonly #read: ColumnRun[] = [];
  #width = Infinity;

  /** @param runs One pass over storage. Begun when the first run is asked for. */
  constructor(runs: AsyncIterable<ColumnRun>) {
    this.#runs = runs[Symbol.asyncIterator]();
  }

  /** What was read so far, in order. */
  get read(): readonly ColumnRun[] {
    return this.#read;
  }

  /** Reads the next run; `undefined` if there are no more. */
  async next(): Promise<ColumnRun | undefined> {
    const next = await this.#runs.next();
    if (next.done === true) return undefined;
    const run = this.#width < next.value.length ? next.value.slice(0, this.#width).map(ownColumn) : next.value;
    this.#read.push(run);
    return run;
  }

  /**
   * Drops all but the first `width` columns of every run that is read from now on, so that a list whose items are small does
   * not keep the rest of what they are stored with in memory.
   */
  narrow(width: number): void {
    this.#width = width;
  }

  /** Ends the pass. */
  async close(): Promise<void> {
    await this.#runs.return?.();
  }
}

/** The column in memory of its own. */
function ownColumn({ bytes, count, offsets, data }: Column): Column {
  const own = bytes.slice();
  return { bytes: own, count, offsets, data: own.subarray(bytes.length - data.length) };
}
