/**
 * Conformance of `POST /v1/request`: every request variant, and what is none.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { REQUEST_PATH } from "../../adapters/http/openapi.ts";
import { decodeHex, encodeHex } from "../../core/bytes/hex.ts";
import { encodeFrame } from "../../core/wire/frame.ts";
import { GET_RESPONSE_BYTES, MAX_REQUEST_BYTES } from "../../core/wire/limits.ts";
import { type DataRequest, encodeRequest } from "../../core/wire/request.ts";
import type { RequestKind } from "../../core/wire/request-types.ts";
import type { ResponseKind } from "../../core/wire/response.ts";
import type { AskHttp } from "../helpers/http-world.ts";
import { expectDocumented } from "../helpers/openapi-checks.ts";
import { expectReadableByPages } from "./gets.ts";
import { bodyOf, frameOf, type Target } from "./target.ts";

/** One request of each kind, and the kind of its answer. */
type Cases = { readonly [kind in RequestKind]: readonly [DataRequest & { readonly kind: kind }, ResponseKind] };

function cases({ end, keyHash, transactionHash }: Target): Cases {
  const proven = { firstVersion: 2n, lastVersion: 3n, proofVersion: end };
  const known = { knownVersion: 2n, knownEpoch: 1n };
  const events = { includeEvents: true };
  const data = { dataType: { kind: "transactions", ...events }, maxResponseBytes: GET_RESPONSE_BYTES } as const;
  const stream = (streamId: bigint) => ({ stream: { ...known, streamId }, streamIndex: 0n });
  return {
    getEpochEndingLedgerInfos: [
      { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 1n },
      "epochEndingLedgerInfos",
    ],
    getNewTransactionOutputsWithProof: [
      { kind: "getNewTransactionOutputsWithProof", ...known },
      "newTransactionOutputsWithProof",
    ],
    getNewTransactionsWithProof: [
      { kind: "getNewTransactionsWithProof", ...known, ...events },
      "newTransactionsWithProof",
    ],
    getNumberOfStatesAtVersion: [{ kind: "getNumberOfStatesAtVersion", version: end }, "numberOfStatesAtVersion"],
    getServerProtocolVersion: [{ kind: "getServerProtocolVersion" }, "serverProtocolVersion"],
    getStateValuesWithProof: [
      { kind: "getStateValuesWithProof", version: end, firstIndex: 0n, lastIndex: 7n },
      "stateValueChunkWithProof",
    ],
    getStorageServerSummary: [{ kind: "getStorageServerSummary" }, "storageServerSummary"],
    getTransactionOutputsWithProof: [
      { kind: "getTransactionOutputsWithProof", ...proven },
      "transactionOutputsWithProof",
    ],
    getTransactionsWithProof: [{ kind: "getTransactionsWithProof", ...proven, ...events }, "transactionsWithProof"],
    getNewTransactionsOrOutputsWithProof: [
      { kind: "getNewTransactionsOrOutputsWithProof", ...known, ...events },
      "newTransactionsOrOutputsWithProof",
    ],
    getTransactionsOrOutputsWithProof: [
      { kind: "getTransactionsOrOutputsWithProof", ...proven, ...events },
      "transactionsOrOutputsWithProof",
    ],
    subscribeTransactionOutputsWithProof: [
      { kind: "subscribeTransactionOutputsWithProof", ...stream(11n) },
      "newTransactionOutputsWithProof",
    ],
    subscribeTransactionsOrOutputsWithProof: [
      { kind: "subscribeTransactionsOrOutputsWithProof", ...stream(12n), ...events },
      "newTransactionsOrOutputsWithProof",
    ],
    subscribeTransactionsWithProof: [
      { kind: "subscribeTransactionsWithProof", ...stream(13n), ...events },
      "newTransactionsWithProof",
    ],
    getTransactionDataWithProof: [
      { kind: "getTransactionDataWithProof", ...proven, ...data },
      "transactionDataWithProof",
    ],
    getNewTransactionDataWithProof: [
      { kind: "getNewTransactionDataWithProof", ...known, ...data },
      "newTransactionDataWithProof",
    ],
    subscribeTransactionDataWithProof: [
      { kind: "subscribeTransactionDataWithProof", ...stream(16n), ...data },
      "newTransactionDataWithProof",
    ],
    getStateValuesByKeyHash: [
      { kind: "getStateValuesByKeyHash", checkpoint: end, proofVersion: end, keyHashes: decodeHex(keyHash) },
      "stateValuesByKeyHash",
    ],
    getLatestLedgerInfo: [{ kind: "getLatestLedgerInfo" }, "latestLedgerInfo"],
    getTransactionByHash: [
      { kind: "getTransactionByHash", hash: decodeHex(transactionHash) },
      "transactionByHash",
    ],
    getEpochEndingAtVersion: [{ kind: "getEpochEndingAtVersion", version: 3n }, "epochEndingAtVersion"],
    getPeers: [{ kind: "getPeers" }, "peers"],
  };
}

const UNKNOWN_CHAIN = new Uint8Array(32);

/** POSTs a body. */
export function post(ask: AskHttp, body: Uint8Array, init: RequestInit = {}): Promise<Response> {
  return ask(REQUEST_PATH, { method: "POST", body: body as Uint8Array<ArrayBuffer>, ...init });
}

/** Declares the tests. */
export function describePosts(target: () => Target): void {
  describe("POST", () => {
    it("answers every request variant as any other server does, for this client alone", async () => {
      const { ask, askReference, chain, document } = target();
      for (const [request, answer] of Object.values(cases(target()))) {
        const body = encodeRequest(chain, request);
        const response = await post(ask, body);
        expect([request.kind, response.status]).toEqual([request.kind, 200]);
        expectDocumented(document, { method: "POST", template: REQUEST_PATH }, response);
        expect(response.headers.get("cache-control")).toBe("no-store");
        expect(response.headers.get("etag")).toBeNull();
        expectReadableByPages(response);
        const copy = response.clone();
        const frame = await frameOf(response);
        expect([request.kind, frame.response?.kind]).toEqual([request.kind, answer]);
        expect(frame.chain).toEqual(chain);
        const expected = encodeHex(await bodyOf(await post(askReference, body)));
        expect([request.kind, encodeHex(await bodyOf(copy))]).toEqual([request.kind, expected]);
      }
    });

    it("answers a client that does not know the chain yet, and refuses one of another", async () => {
      const { ask, chain } = target();
      const answer = await post(ask, encodeRequest(UNKNOWN_CHAIN, { kind: "getServerProtocolVersion" }));
      expect((await frameOf(answer)).chain).toEqual(chain);
      const other = await post(ask, encodeRequest(chain.map((byte) => byte ^ 1), { kind: "getPeers" }));
      expect(other.status).toBe(400);
      expect((await frameOf(other)).error?.code).toBe("WRONG_CHAIN");
    });

    const broken: readonly [what: string, body: Uint8Array, status: number, code: string][] = [
      ["nothing", new Uint8Array(0), 400, "INVALID_REQUEST"],
      ["text", new TextEncoder().encode("hello"), 400, "INVALID_REQUEST"],
      ["deep nesting", new Uint8Array(60_000).fill(0x81), 400, "INVALID_REQUEST"],
      ["a map", new Uint8Array([0xa1, 0x01, 0x02]), 400, "INVALID_REQUEST"],
      ["bytes left over", new Uint8Array([...encodeFrame(UNKNOWN_CHAIN, 4, []), 0]), 400, "INVALID_REQUEST"],
      ["an unknown variant", encodeFrame(UNKNOWN_CHAIN, 200, []), 400, "INVALID_REQUEST"],
      ["a body above 64 KiB", new Uint8Array(MAX_REQUEST_BYTES + 1), 413, "TOO_LARGE"],
    ];
    it.each(broken)("refuses %s", async (_, body, status, code) => {
      const { ask, document } = target();
      const response = await post(ask, body);
      expect(response.status).toBe(status);
      expectDocumented(document, { method: "POST", template: REQUEST_PATH }, response);
      expectReadableByPages(response);
      expect((await frameOf(response)).error?.code).toBe(code);
    });

    it("refuses a body above 64 KiB whose length nobody said", async () => {
      const body = new Blob([new Uint8Array(4 * MAX_REQUEST_BYTES)]).stream();
      const response = await target().ask(REQUEST_PATH, { method: "POST", body, duplex: "half" } as RequestInit);
      expect(response.status).toBe(413);
      await response.body?.cancel();
    });

    it("refuses a content coding", async () => {
      const response = await post(target().ask, new Uint8Array(3), { headers: { "content-encoding": "gzip" } });
      expect(response.status).toBe(400);
      await response.body?.cancel();
    });
  });

  describe("other methods", () => {
    it("are told to browsers before they ask", async () => {
      for (const path of [REQUEST_PATH, "/v1/summary"]) {
        const response = await target().ask(path, {
          method: "OPTIONS",
          headers: { origin: "https://page.test", "access-control-request-method": "POST" },
        });
        expect(response.status).toBe(204);
        expect(response.headers.get("access-control-allow-origin")).toBe("*");
        expect(response.headers.get("access-control-allow-methods")).toBe("GET, HEAD, POST, OPTIONS");
        expect(response.headers.get("access-control-allow-headers")).toBe("Content-Type, If-None-Match");
        expect((await bodyOf(response)).length).toBe(0);
      }
    });

    it("are not found, or not allowed", async () => {
      const { ask } = target();
      const wrong = await ask("/v1/summary", { method: "POST", body: "x" });
      expect(wrong.status).toBe(404);
      expectReadableByPages(wrong);
      await wrong.body?.cancel();
      for (const method of ["PUT", "DELETE", "PATCH"]) {
        const response = await ask("/v1/summary", { method });
        expect([method, response.status]).toEqual([method, 405]);
        expect(response.headers.get("allow")).toBe("GET, HEAD, POST, OPTIONS");
        expect(response.headers.get("cache-control")).toBe("no-store");
        await response.body?.cancel();
      }
    });
  });
}
