/**
 * Decorators of a ledger reader: one that counts its calls, and one with other methods.
 *
 * @module
 */
import type { LedgerReader } from "../../core/ledger/reader.ts";

/** A reader, and what it was asked. */
export interface CountedReader {
  readonly reader: LedgerReader;
  /** Number of calls by the name of the method. */
  readonly calls: ReadonlyMap<string, number>;
  /** Number of calls of all methods but `progress`, which is asked whatever the answer comes from. */
  dataReads(): number;
}

/** `reader` with other methods in the place of some of its own. */
export function withMethods(reader: LedgerReader, methods: Partial<LedgerReader>): LedgerReader {
  return new Proxy(reader, {
    get(target, name: keyof LedgerReader) {
      const method = methods[name] ?? target[name];
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
}

/** Counts the calls of `reader`. */
export function withReaderCounts(reader: LedgerReader): CountedReader {
  const calls = new Map<string, number>();
  return {
    reader: new Proxy(reader, {
      get(target, name: keyof LedgerReader & string) {
        return (...args: unknown[]) => {
          calls.set(name, (calls.get(name) ?? 0) + 1);
          return (target[name] as (...given: unknown[]) => unknown).apply(target, args);
        };
      },
    }),
    calls,
    dataReads: () => [...calls].reduce((sum, [name, count]) => sum + (name === "progress" ? 0 : count), 0),
  };
}
