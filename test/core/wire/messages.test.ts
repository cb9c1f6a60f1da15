import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SyncError } from "../../../core/errors.ts";
import { checkCbor } from "../../../core/wire/cbor.ts";
import { encodeError, ERROR_CODES, type WireErrorCode } from "../../../core/wire/error-frame.ts";
import { encodeFrame } from "../../../core/wire/frame.ts";
import { MAX_ERROR_MESSAGE_BYTES, MAX_RESPONSE_ITEMS } from "../../../core/wire/limits.ts";
import { REQUEST_VARIANTS } from "../../../core/wire/request-types.ts";
import { decodeRequest, encodeRequest, REQUEST_LIMITS } from "../../../core/wire/request.ts";
import { decodeResponse, encodeResponse, RESPONSE_VARIANTS } from "../../../core/wire/response.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { anyRequest, anyResponse, hash, REQUESTS, RESPONSES } from "../../helpers/wire-arbitraries.ts";

const CHAIN = new Uint8Array(32).fill(7);
const LIMITS = { maxBytes: 1 << 20 };

describe("requests", () => {
  it.each(Object.keys(REQUESTS))("come back as they went: %s", (kind) => {
    fc.assert(
      fc.property(hash, REQUESTS[kind as keyof typeof REQUESTS], (chain, request) => {
        const bytes = encodeRequest(chain, request);
        checkCbor(bytes, REQUEST_LIMITS);
        expect(decodeRequest(bytes)).toEqual({ chain, request });
      }),
      { numRuns: 60 },
    );
  });

  it("have one spelling: two that differ have different bytes", () => {
    fc.assert(fc.property(anyRequest, anyRequest, (left, right) => {
      const same = encodeRequest(CHAIN, left).join() === encodeRequest(CHAIN, right).join();
      expect(same).toBe(JSON.stringify(left, bigintText) === JSON.stringify(right, bigintText));
    }));
  });

  it("keep the numbers of the reference, and ours from 64 on", () => {
    expect(Object.values(REQUEST_VARIANTS)).toEqual([...Array(17).keys(), 64, 65, 66, 67, 68]);
  });

  it.each([17, 18])("answers the reserved hot state request %i as not serviceable", (variant) => {
    expectSyncError(() => decodeRequest(encodeFrame(CHAIN, variant, [])), "NOT_SERVICEABLE");
  });

  it.each([19, 63, 69, 255])("refuses the unknown variant %i", (variant) => {
    expectSyncError(() => decodeRequest(encodeFrame(CHAIN, variant, [])), "MALFORMED_FRAME");
  });

  it("refuses a number of output reductions that is not 0", () => {
    const fields = [9, 0, 9, true];
    expect(decodeRequest(encodeFrame(CHAIN, 10, [...fields, 0])).request.kind).toBe(
      "getTransactionsOrOutputsWithProof",
    );
    expectSyncError(() => decodeRequest(encodeFrame(CHAIN, 10, [...fields, 1])), "MALFORMED_FRAME");
  });

  it("refuses fields that are missing, left over, or of another type", () => {
    for (const fields of [[], [1], [1, 2, 3], [1, true], [1, null], [1, new Uint8Array(8)], [1, [2]], ["1", 2]]) {
      expectSyncError(() => decodeRequest(encodeFrame(CHAIN, 0, fields)), "MALFORMED_FRAME");
    }
  });

  it("refuses no key hashes, more than 64, and parts of one", () => {
    for (const length of [0, 31, 33, 65 * 32]) {
      const bytes = encodeFrame(CHAIN, 64, [null, null, new Uint8Array(length)]);
      expectSyncError(() => decodeRequest(bytes), "MALFORMED_FRAME");
    }
    for (const length of [0, 31, 33, 65 * 32]) {
      const request = { kind: "getStateValuesByKeyHash", keyHashes: new Uint8Array(length) } as const;
      expectSyncError(() => encodeRequest(CHAIN, request), "INVALID_ARGUMENT");
    }
  });

  it("refuses another protocol and a chain that is no hash", () => {
    const bytes = encodeFrame(CHAIN, 6, []);
    expectSyncError(() => decodeRequest(bytes.with(1, 2)), "MALFORMED_FRAME");
    expectSyncError(() => decodeRequest(encodeFrame(new Uint8Array(31), 6, [])), "MALFORMED_FRAME");
  });

  it("refuses integers that are no u64 when encoding", () => {
    const request = { kind: "getNumberOfStatesAtVersion", version: -1n } as const;
    expectSyncError(() => encodeRequest(CHAIN, request), "INVALID_ARGUMENT");
    expectSyncError(() => encodeRequest(CHAIN, { ...request, version: 1n << 64n }), "INVALID_ARGUMENT");
  });
});

describe("answers", () => {
  it.each(Object.keys(RESPONSES))("come back as they went: %s", (kind) => {
    fc.assert(
      fc.property(hash, RESPONSES[kind as keyof typeof RESPONSES], (chain, response) => {
        const bytes = encodeResponse(chain, response);
        checkCbor(bytes, { ...LIMITS, maxItems: MAX_RESPONSE_ITEMS });
        expect(decodeResponse(bytes, LIMITS)).toEqual({ chain, response });
      }),
      { numRuns: 40 },
    );
  });

  it("have numbers of their own, like requests", () => {
    expect(Object.values(RESPONSE_VARIANTS)).toEqual([...Array(13).keys(), 64, 65, 66, 67, 68]);
  });

  it("never crash on changed bytes: they decode, or are refused with fault peer", () => {
    const change = fc.record({ at: fc.nat(), to: fc.nat(255), cut: fc.nat(), drop: fc.boolean() });
    fc.assert(
      fc.property(anyResponse, change, (response, { at, to, cut, drop }) => {
        const bytes = encodeResponse(CHAIN, response);
        const changed = drop ? bytes.slice(0, cut % bytes.length) : bytes.with(at % bytes.length, to);
        try {
          decodeResponse(changed, LIMITS);
        } catch (error) {
          expect(error).toBeInstanceOf(SyncError);
          expect((error as SyncError).fault).toBe("peer");
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("are refused with bytes left over or above the limit", () => {
    const bytes = encodeResponse(CHAIN, { kind: "serverProtocolVersion", protocolVersion: 1n });
    expectSyncError(() => decodeResponse(new Uint8Array([...bytes, 0]), LIMITS), "MALFORMED_FRAME");
    expectSyncError(() => decodeResponse(bytes, { maxBytes: bytes.length - 1 }), "LIMIT_EXCEEDED");
  });

  it("are views of the frame, not copies", () => {
    const bytes = encodeResponse(CHAIN, { kind: "latestLedgerInfo", ledgerInfo: new Uint8Array([1, 2, 3]) });
    const { response } = decodeResponse(bytes, LIMITS);
    expect(response).toMatchObject({ kind: "latestLedgerInfo" });
    if (response?.kind === "latestLedgerInfo") expect(response.ledgerInfo.buffer).toBe(bytes.buffer);
  });
});

describe("error frames", () => {
  const details: Partial<Record<WireErrorCode, Record<string, bigint | number>>> = {
    NOT_A_CHECKPOINT: { checkpoint: 1n << 60n },
    PRUNED: { lowest: 5n },
    TOO_LARGE: { limit: 65_536n },
    TOO_MANY_REQUESTS: { retryAfterMs: 1500 },
    TOO_MANY_INVALID_REQUESTS: { retryAfterMs: 30_000 },
  };

  it.each(Object.keys(ERROR_CODES))("carry %s, its message and its value", (name) => {
    const code = name as WireErrorCode;
    const detail = details[code] ?? {};
    const { chain, error } = decodeResponse(
      encodeError(CHAIN, new SyncError(code, "Cannot do it", { detail })),
      LIMITS,
    );
    expect(chain).toEqual(CHAIN);
    expect(error).toMatchObject({ name: "SyncError", code, message: "Cannot do it", detail });
  });

  it("say nothing of errors that are our own affair", () => {
    const { error } = decodeResponse(encodeError(CHAIN, new SyncError("STORAGE_CORRUPT", "disk /secret")), LIMITS);
    expect(error).toMatchObject({ code: "INTERNAL", message: "The server failed on its side" });
  });

  it("cut long messages at a whole character, and keep them well-formed", () => {
    for (const text of ["x".repeat(5000), "ä".repeat(2000), "𝄞".repeat(1000), `\ud800${"€".repeat(900)}`]) {
      const { error } = decodeResponse(encodeError(CHAIN, new SyncError("INVALID_REQUEST", text)), LIMITS);
      const length = new TextEncoder().encode(error?.message ?? "").length;
      expect(length).toBeGreaterThan(MAX_ERROR_MESSAGE_BYTES - 8);
      expect(length).toBeLessThanOrEqual(MAX_ERROR_MESSAGE_BYTES);
    }
  });

  it("cannot impose a longer wait than 30 seconds", () => {
    const frame = encodeFrame(CHAIN, 255, [ERROR_CODES.TOO_MANY_REQUESTS, "slow down", 3_600_000]);
    expect(decodeResponse(frame, LIMITS).error?.detail).toEqual({ retryAfterMs: 30_000 });
  });

  it("are refused with an unknown code or a value where none belongs", () => {
    expectSyncError(() => decodeResponse(encodeFrame(CHAIN, 255, [99, "?"]), LIMITS), "MALFORMED_FRAME");
    const frame = encodeFrame(CHAIN, 255, [ERROR_CODES.INTERNAL, "?", 5]);
    expectSyncError(() => decodeResponse(frame, LIMITS), "MALFORMED_FRAME");
  });
});

function bigintText(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return value.join();
  return typeof value === "bigint" ? String(value) : value;
}
