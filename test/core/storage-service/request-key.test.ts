import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { requestKey } from "../../../core/storage-service/request-key.ts";
import { type DataRequest, encodeRequest } from "../../../core/wire/request.ts";
import { type DirectRequest, isWaitingRequest } from "../../../core/wire/request-types.ts";
import { anyRequest } from "../../helpers/wire-arbitraries.ts";

/** With few numbers, of one and two digits, there are many requests that are equal or nearly so. */
function withSmallNumbers(request: DataRequest): DataRequest {
  const small = Object.entries(request).map(([name, value]) => [name, typeof value === "bigint" ? value % 13n : value]);
  return Object.fromEntries(small) as DataRequest;
}

const CHAIN = new Uint8Array(32);

describe("keys of requests", () => {
  it("are equal exactly where the requests are", () => {
    const keys = new Map<string, string>();
    fc.assert(
      fc.property(anyRequest, (any) => {
        const request = withSmallNumbers(any);
        fc.pre(!isWaitingRequest(request));
        const encoded = encodeHex(encodeRequest(CHAIN, request));
        const key = requestKey(request as DirectRequest);
        expect(requestKey(structuredClone(request) as DirectRequest)).toBe(key);
        expect(keys.get(key) ?? encoded).toBe(encoded);
        keys.set(key, encoded);
      }),
      { numRuns: 5_000 },
    );
  });

  it("tell neighbours apart", () => {
    const range = { firstVersion: 1n, lastVersion: 2n, proofVersion: 3n };
    const outputs = { kind: "getTransactionDataWithProof", dataType: { kind: "outputs" } } as const;
    const hash = Uint8Array.from({ length: 32 }, (_, i) => i);
    const requests: DirectRequest[] = [
      { kind: "getTransactionsWithProof", ...range, includeEvents: false },
      { kind: "getTransactionsWithProof", ...range, includeEvents: true },
      { kind: "getTransactionOutputsWithProof", ...range },
      { kind: "getTransactionsOrOutputsWithProof", ...range, includeEvents: true },
      { ...outputs, ...range, maxResponseBytes: 1 },
      { ...outputs, ...range, maxResponseBytes: 2 },
      { ...outputs, ...range, dataType: { kind: "transactions", includeEvents: false }, maxResponseBytes: 1 },
      { ...outputs, ...range, dataType: { kind: "transactions", includeEvents: true }, maxResponseBytes: 1 },
      { ...outputs, ...range, dataType: { kind: "transactionsOrOutputs", includeEvents: true }, maxResponseBytes: 1 },
      { kind: "getStateValuesWithProof", version: 1n, firstIndex: 2n, lastIndex: 3n },
      { kind: "getStateValuesByKeyHash", checkpoint: 1n, keyHashes: hash },
      { kind: "getStateValuesByKeyHash", checkpoint: 1n, proofVersion: 1n, keyHashes: hash },
      { kind: "getStateValuesByKeyHash", proofVersion: 1n, keyHashes: hash },
      { kind: "getStateValuesByKeyHash", keyHashes: hash },
      { kind: "getTransactionByHash", hash },
      { kind: "getStorageServerSummary" },
      { kind: "getPeers" },
    ];
    for (let bit = 0; bit < 256; bit++) {
      const changed = hash.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      requests.push({ kind: "getTransactionByHash", hash: changed });
    }
    expect(new Set(requests.map(requestKey)).size).toBe(requests.length);
  });
});
