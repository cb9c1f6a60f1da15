import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GET_RESPONSE_BYTES, MAX_PATH_LENGTH } from "../../../core/wire/limits.ts";
import { PATH_PARAMETERS } from "../../../core/wire/path-parameters.ts";
import { PATH_ROUTES } from "../../../core/wire/path-routes.ts";
import { pathOfRequest, requestOfPath } from "../../../core/wire/paths.ts";
import type { DataRequest } from "../../../core/wire/request-types.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { anyRequest } from "../../helpers/wire-arbitraries.ts";

const H = "0123456789abcdef".repeat(4);
const U64_MAX = "18446744073709551615";

describe("paths", () => {
  it("lead back to the request they were written for", () => {
    let written = 0;
    fc.assert(
      fc.property(anyRequest, (request) => {
        const path = pathOfRequest(request);
        if (path === undefined) return;
        written++;
        expect(path.length).toBeLessThanOrEqual(MAX_PATH_LENGTH - "?fresh=".length - 64);
        const expected = "maxResponseBytes" in request ? { ...request, maxResponseBytes: GET_RESPONSE_BYTES } : request;
        expect(requestOfPath(path)).toEqual({ request: expected });
        expect(pathOfRequest(requestOfPath(path).request)).toBe(path);
      }),
      { numRuns: 2000 },
    );
    expect(written).toBeGreaterThan(200);
  });

  it.each([
    ["/v1/summary", "getStorageServerSummary"],
    ["/v1/ledger-info/latest", "getLatestLedgerInfo"],
    ["/v1/epochs/0-127", "getEpochEndingLedgerInfos"],
    ["/v1/epochs/at/5000", "getEpochEndingAtVersion"],
    ["/v1/transactions/0-2047@5000", "getTransactionDataWithProof"],
    ["/v1/transactions+events/0-2047@5000", "getTransactionDataWithProof"],
    ["/v1/outputs/0-2047@5000", "getTransactionDataWithProof"],
    [`/v1/transaction/${U64_MAX}@${U64_MAX}`, "getTransactionDataWithProof"],
    [`/v1/transaction/by-hash/${H}`, "getTransactionByHash"],
    ["/v1/states/7/count", "getNumberOfStatesAtVersion"],
    ["/v1/states/7/0-4095", "getStateValuesWithProof"],
    [`/v1/state/7/${H}@9`, "getStateValuesByKeyHash"],
    [`/v1/state/latest/${H}`, "getStateValuesByKeyHash"],
    [`/v1/states-by-key/7@9/${H}`, "getStateValuesByKeyHash"],
    [`/v1/states-by-key/7@9/${Array(16).fill(H).join(",")}`, "getStateValuesByKeyHash"],
    ["/v1/new/transactions/7/1", "getNewTransactionDataWithProof"],
    ["/v1/new/outputs/7/1", "getNewTransactionDataWithProof"],
    ["/v1/new/either/7/1", "getNewTransactionDataWithProof"],
    ["/v1/peers", "getPeers"],
  ])("%.60s asks %s", (path, kind) => {
    expect(requestOfPath(path).request.kind).toBe(kind);
  });

  it("are of one route each, and every parameter of the table is in one", () => {
    let written = 0;
    fc.assert(
      fc.property(anyRequest, (request) => {
        const path = pathOfRequest(request);
        if (path === undefined) return;
        written++;
        expect(Object.values(PATH_ROUTES).filter(({ pattern }) => pattern.test(path))).toHaveLength(1);
      }),
    );
    expect(written).toBeGreaterThan(10);
    const used = new Set(Object.values(PATH_ROUTES).flatMap(({ parameters }) => parameters));
    expect([...used].sort()).toEqual(Object.keys(PATH_PARAMETERS).sort());
  });

  it("say for one transaction the same as for a range of one with events", () => {
    expect(requestOfPath("/v1/transaction/7@9")).toEqual(requestOfPath("/v1/transactions+events/7-7@9"));
  });

  it.each([
    "",
    "/",
    "/v1",
    "/v1/",
    "/v1/request",
    "/v1/summary/",
    "//v1/summary",
    "/V1/summary",
    "/v1/Summary",
    "/v1/summary?",
    "/v1/summary?fresh=",
    "/v1/summary?fresh=a&b=c",
    "/v1/summary?b=c",
    "/v1/summary?fresh=a%20b",
    `/v1/summary?fresh=${"a".repeat(65)}`,
    "/v1/summary#a",
    "/v1/epochs/00-1",
    "/v1/epochs/0-01",
    "/v1/epochs/+1-2",
    "/v1/epochs/-1-2",
    "/v1/epochs/1",
    "/v1/epochs/1-2-3",
    "/v1/epochs/0x1-2",
    "/v1/epochs/1e3-2",
    "/v1/epochs/ 1-2",
    "/v1/epochs/1-2\n",
    "/v1/epochs/1–2",
    "/v1/epochs/at/",
    "/v1/epochs/1-18446744073709551616",
    "/v1/epochs/1-99999999999999999999",
    "/v1/epochs/1-999999999999999999999999",
    "/v1/outputs/0-5",
    "/v1/outputs/0-5@",
    "/v1/outputs/0-5@07",
    "/v1/outputs+events/0-5@7",
    "/v1/transactions%2Bevents/0-5@7",
    `/v1/state/7/${H.toUpperCase()}@9`,
    `/v1/state/7/${H}`,
    `/v1/state/7/${H.slice(1)}@9`,
    `/v1/state/latest/${H}@9`,
    `/v1/transaction/by-hash/0x${H}`,
    `/v1/states-by-key/7@9/`,
    `/v1/states-by-key/7@9/${H},`,
    `/v1/states-by-key/7@9/${Array(17).fill(H).join(",")}`,
    "/v1/new/states/7/1",
    `/v1/${"a".repeat(5000)}`,
  ])("refuses %#: %.40s", (path) => {
    expectSyncError(() => requestOfPath(path), "INVALID_REQUEST");
  });

  it("carry a token that keeps caches away", () => {
    const request: DataRequest = { kind: "getStorageServerSummary" };
    const path = pathOfRequest(request, { fresh: "a-Z_09" });
    expect(path).toBe("/v1/summary?fresh=a-Z_09");
    expect(requestOfPath(path ?? "")).toEqual({ request, fresh: "a-Z_09" });
    expectSyncError(() => pathOfRequest(request, { fresh: "a&b" }), "INVALID_ARGUMENT");
  });

  it("are not written for requests that take less than a GET may answer, nor for V1", () => {
    const request = {
      kind: "getTransactionDataWithProof",
      dataType: { kind: "outputs" },
      firstVersion: 0n,
      lastVersion: 5n,
      proofVersion: 9n,
      maxResponseBytes: GET_RESPONSE_BYTES,
    } as const;
    expect(pathOfRequest(request)).toBe("/v1/outputs/0-5@9");
    expect(pathOfRequest({ ...request, maxResponseBytes: GET_RESPONSE_BYTES - 1 })).toBeUndefined();
    const { firstVersion, lastVersion, proofVersion } = request;
    const v1 = { kind: "getTransactionOutputsWithProof", firstVersion, lastVersion, proofVersion } as const;
    expect(pathOfRequest(v1)).toBeUndefined();
  });
});
