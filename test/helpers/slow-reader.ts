/**
 * A decorator of a ledger reader whose reads take time.
 *
 * @module
 */
import type { LedgerReader } from "../../core/ledger/reader.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** A reader of which every run, and every list of epoch endings, takes `ms` on the clock. */
export function withSlowRuns(reader: LedgerReader, clock: VirtualClock, ms: number): LedgerReader {
  async function* slow<T>(runs: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const run of runs) {
      clock.advance(ms);
      yield run;
    }
  }
  return new Proxy(reader, {
    get(target, name) {
      if (name === "transactionRuns" || name === "stateRuns") {
        return (request: never) => slow<unknown>(target[name](request));
      }
      if (name === "epochEndings") {
        return async (first: bigint, count: number) => {
          clock.advance(ms);
          return await target.epochEndings(first, count);
        };
      }
      const value = target[name as keyof LedgerReader];
      return value.bind(target);
    },
  });
}
