/**
 * What every BCS layout must do, as one suite: come back as it was, byte by byte, and refuse everything else.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../core/bytes/bytes.ts";
import { BcsCursor, decodeBcs } from "../../core/chain/bcs.ts";
import { isSyncError } from "../../core/errors.ts";
import { flipBit } from "./bytes.ts";

/** A layout under test. */
export interface Layout<T> {
  readonly arbitrary: fc.Arbitrary<T>;
  encode(value: T): Uint8Array;
  /** Decodes a value that takes up all of the bytes. */
  decode(bytes: Uint8Array): T;
  /** Moves past a value with the checks of `decode`. */
  skip?(cursor: BcsCursor): void;
  /** Another reader of the whole bytes with the checks of `decode`. */
  accept?(bytes: Uint8Array): void;
  /** Tells whether a value is one that was not understood, so that any bytes may follow. */
  isUnknown?(value: T): boolean;
}

/** Declares the suite. */
export function layoutContract<T>(name: string, layout: Layout<T>): void {
  const { arbitrary, encode, decode, skip } = layout;
  const others: ((bytes: Uint8Array) => void)[] = [];
  if (skip !== undefined) others.push((bytes) => decodeBcs(bytes, skip));
  if (layout.accept !== undefined) others.push(layout.accept);
  const understood = (value: T) => layout.isUnknown?.(value) !== true;

  describe(`the layout of ${name}`, () => {
    it("comes back as it was", () => {
      fc.assert(fc.property(arbitrary, (value) => {
        const bytes = encode(value);
        const back = decode(bytes);
        expect(back).toEqual(value);
        expect(encode(back)).toEqual(bytes);
      }));
    });

    it("is refused when cut anywhere, or with a byte left over", () => {
      fc.assert(
        fc.property(arbitrary, fc.nat(), (value, seed) => {
          fc.pre(understood(value));
          const bytes = encode(value);
          expect(outcome(() => decode(bytes.subarray(0, seed % bytes.length)), layout)).toBe("refused");
          expect(outcome(() => decode(concatBytes(bytes, Uint8Array.of(0))), layout)).toBe("refused");
        }),
      );
    });

    it("has one encoding: altered bytes are refused or those of another value", () => {
      fc.assert(
        fc.property(arbitrary, fc.nat(), fc.boolean(), (value, seed, early) => {
          const bytes = encode(value);
          const altered = flipBit(bytes, seed % (8 * (early ? Math.min(bytes.length, 8) : bytes.length)));
          const result = outcome(() => decode(altered), layout);
          if (typeof result === "object") expect(encode(result.value)).toEqual(altered);
          for (const accept of others) {
            expect(typeof outcome(() => accept(altered), {})).toBe(typeof result);
          }
        }),
        { numRuns: 400 },
      );
    });

    if (skip === undefined) return;
    it("is skipped in full", () => {
      fc.assert(fc.property(arbitrary, (value) => {
        const bytes = encode(value);
        const cursor = new BcsCursor(concatBytes(bytes, Uint8Array.of(1)));
        skip(cursor);
        expect(cursor.offset).toBe(bytes.length);
      }));
    });
  });
}

function outcome<T>(run: () => T, layout: Pick<Layout<T>, "isUnknown">): "refused" | "unknown" | { readonly value: T } {
  try {
    const value = run();
    return layout.isUnknown?.(value) === true ? "unknown" : { value };
  } catch (error) {
    if (isSyncError(error, "MALFORMED_BCS") || isSyncError(error, "UNSUPPORTED")) return "refused";
    throw error;
  }
}
