/**
 * A ledger reader that behaves differently in places.
 *
 * @module
 */
import type { LedgerReader } from "../../core/ledger/reader.ts";

/** `reader`, with some methods replaced. */
export function readerWith(reader: LedgerReader, methods: Partial<LedgerReader>): LedgerReader {
  return new Proxy(reader, {
    get(target, name: keyof LedgerReader) {
      return methods[name] ?? (target[name] as (...given: unknown[]) => unknown).bind(target);
    },
  });
}
