import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { BcsCursor, encodeBcs } from "../../../core/chain/bcs.ts";
import { skipByteString, skipOptionalHash, skipText } from "../../../core/chain/bcs-skip.ts";
import { patternBytes } from "../../helpers/bytes.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

describe("skipping", () => {
  it("moves past byte strings and tells where they begin", () => {
    const cursor = new BcsCursor(encodeBcs((w) => w.byteString(patternBytes(200)).u8(7)));
    expect(skipByteString(cursor)).toBe(2);
    expect(cursor.u8()).toBe(7);
  });

  it("accepts exactly the texts that reading accepts", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
        const encoded = encodeBcs((w) => w.byteString(bytes));
        const [reader, skipper] = [new BcsCursor(encoded), new BcsCursor(encoded)];
        let valid = true;
        try {
          reader.text();
        } catch {
          valid = false;
        }
        if (valid) skipText(skipper);
        else expectSyncError(() => skipText(skipper), "MALFORMED_BCS");
        expect(skipper.offset).toBe(reader.offset);
      }),
      { numRuns: 1000 },
    );
  });

  it("moves past optional hashes and tells where they begin", () => {
    const cursor = new BcsCursor(concatBytes(Uint8Array.of(1), patternBytes(32), Uint8Array.of(0)));
    expect(skipOptionalHash(cursor)).toBe(1);
    expect(skipOptionalHash(cursor)).toBe(-1);
    expect(cursor.remaining).toBe(0);
    expectSyncError(() => skipOptionalHash(new BcsCursor(Uint8Array.of(1, 2))), "MALFORMED_BCS");
    expectSyncError(() => skipOptionalHash(new BcsCursor(Uint8Array.of(2))), "MALFORMED_BCS");
  });
});
