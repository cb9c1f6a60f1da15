/**
 * Items as storage gives them, run after run: each run is read once, however many lists are tried on it.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import type { ReadBudget } from "./read-budget.ts";

/** Neighbouring items, one column for each part of an item. */
export type ColumnRun = readonly Column[];

/** Reads runs when they are asked for, and remembers them. */
export class RunSource {
  readonly #runs: AsyncIterator<ColumnRun>;
  readonly #budget: ReadBudget;
  readonly #read: ColumnRun[] = [];
  #width = Infinity;

  /**
   * Takes a pass over storage; it begins when the first run is asked for.
   *
   * @param runs The pass.
   * @param budget Told what was read, whether a list holds it or not.
   */
  constructor(runs: AsyncIterable<ColumnRun>, budget: ReadBudget) {
    this.#runs = runs[Symbol.asyncIterator]();
    this.#budget = budget;
  }

  /** What was read so far, in order. */
  get read(): readonly ColumnRun[] {
    return this.#read;
  }

  /** Reads the next run; `undefined` if there are no more. */
  async next(): Promise<ColumnRun | undefined> {
    const next = await this.#runs.next();
    if (next.done === true) return undefined;
    this.#budget.spend(next.value.reduce((sum, column) => sum + column.bytes.length, 0));
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
