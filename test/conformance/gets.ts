/**
 * Conformance of every GET: statuses, headers, cache rules, HEAD, conditional requests, errors, CORS.
 *
 * Source: `wire` §4.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { nodeSha3 } from "../../adapters/node/node-sha3.ts";
import { decodeHex, encodeHex } from "../../core/bytes/hex.ts";
import { fillPath, PATH_ROUTES, type PathRouteName } from "../../core/wire/path-routes.ts";
import type { PathValues } from "../../core/wire/path-parameters.ts";
import { expectDocumented } from "../helpers/openapi-checks.ts";
import { rawConnection, rawGet } from "../helpers/raw-http.ts";
import { bodyOf, frameOf, type Target } from "./target.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
const MINUTE = "public, max-age=60";
const SECOND = "public, max-age=1";
const NO_STORE = "no-store";
const ABSENT = "5a".repeat(32);
const EXPOSED = "ETag, Retry-After, Age";

/** A route, what it is asked with, and how long the answer may be kept. */
type Row = readonly [name: PathRouteName, values: Partial<PathValues>, cacheControl: string];

/** Every route, and where its lifetime depends on what is asked, each lifetime. */
function rows({ end, head, keyHash: key, transactionHash }: Target): readonly Row[] {
  const [keyHash, absent] = [decodeHex(key), decodeHex(ABSENT)];
  const canonical = { firstVersion: 2n, lastVersion: 3n, proofVersion: end };
  const both = decodeHex(key + ABSENT);
  return [
    ["summary", {}, SECOND],
    ["latestLedgerInfo", {}, SECOND],
    ["epochEndings", { firstEpoch: 0n, lastEpoch: 1n }, IMMUTABLE],
    ["epochEndingAtVersion", { version: 3n }, IMMUTABLE],
    ["transactions", canonical, IMMUTABLE],
    ["transactions", { ...canonical, proofVersion: head }, MINUTE],
    ["transactionsWithEvents", canonical, IMMUTABLE],
    ["transactionsWithEvents", { ...canonical, firstVersion: 1n }, MINUTE],
    ["outputs", canonical, IMMUTABLE],
    ["outputs", { ...canonical, firstVersion: 1n, lastVersion: 2n }, MINUTE],
    ["transaction", { version: 3n, proofVersion: end }, IMMUTABLE],
    ["transaction", { version: 3n, proofVersion: head }, MINUTE],
    ["transactionByHash", { transactionHash: decodeHex(transactionHash) }, SECOND],
    ["transactionByHash", { transactionHash: absent }, SECOND],
    ["stateCount", { version: end }, IMMUTABLE],
    ["stateChunk", { version: end, firstIndex: 0n, lastIndex: 7n }, IMMUTABLE],
    ["stateChunk", { version: end, firstIndex: 1n, lastIndex: 7n }, MINUTE],
    ["latestState", { keyHash }, SECOND],
    ["state", { checkpoint: end, keyHash, proofVersion: end }, IMMUTABLE],
    ["state", { checkpoint: end, keyHash: absent, proofVersion: end }, IMMUTABLE],
    ["state", { checkpoint: end, keyHash, proofVersion: head }, MINUTE],
    ["statesByKey", { checkpoint: end, proofVersion: end, keyHashes: both }, IMMUTABLE],
    ["statesByKey", { checkpoint: end, proofVersion: head, keyHashes: both }, MINUTE],
    ["newTransactions", { knownVersion: 2n, knownEpoch: 1n }, NO_STORE],
    ["newOutputs", { knownVersion: 2n, knownEpoch: 1n }, NO_STORE],
    ["newTransactionsOrOutputs", { knownVersion: 2n, knownEpoch: 1n }, NO_STORE],
    ["peers", {}, NO_STORE],
  ];
}

/** Runs `check` for each row. */
async function eachRow(
  target: Target,
  check: (row: { path: string; template: string; cacheControl: string }) => Promise<void>,
): Promise<void> {
  for (const [name, values, cacheControl] of rows(target)) {
    await check({ path: fillPath(name, values), template: PATH_ROUTES[name].template, cacheControl });
  }
}

/** Declares the tests. */
export function describeGets(target: () => Target): void {
  describe("GET", () => {
    it("is tried on every route", () => {
      expect(new Set(rows(target()).map(([name]) => name))).toEqual(new Set(Object.keys(PATH_ROUTES)));
    });

    it("answers the bytes of any other server, with their length, type and lifetime, to any page", async () => {
      const { ask, askReference, document } = target();
      await eachRow(target(), async ({ path, template, cacheControl }) => {
        const response = await ask(path);
        expect([path, response.status]).toEqual([path, 200]);
        expectDocumented(document, { method: "GET", template }, response);
        expect([path, response.headers.get("cache-control")]).toEqual([path, cacheControl]);
        expect(response.headers.get("content-type")).toBe("application/cbor");
        expectReadableByPages(response);
        const body = await bodyOf(response);
        expect([path, response.headers.get("content-length")]).toEqual([path, String(body.length)]);
        expect([path, encodeHex(body)]).toEqual([path, encodeHex(await bodyOf(await askReference(path)))]);
      });
    });

    it("tags what may be kept with the SHA3-256 of its bytes, as every server does", async () => {
      const { ask, askReference } = target();
      await eachRow(target(), async ({ path, cacheControl }) => {
        const response = await ask(path);
        const hash = encodeHex(nodeSha3(await bodyOf(response)));
        const etag = cacheControl === NO_STORE ? null : `"${hash}"`;
        expect([path, response.headers.get("etag")]).toEqual([path, etag]);
        expect((await askReference(path)).headers.get("etag")).toBe(etag);
        if (etag !== null) expect(response.headers.get("vary")).toMatch(/accept-encoding/i);
      });
    });

    it("takes no notice of a body, kept or not, found or not", async () => {
      for (
        const [path, status] of [["/v1/summary", 200], ["/v1/peers", 200], ["/healthz", 200], ["/v2", 404]] as const
      ) {
        const message = rawGet(path, ["content-length: 3", "connection: close"]);
        const { received, closed } = await rawConnection(target().url, `${message}abc`);
        await closed;
        expect([path, received().split(" ")[1]]).toEqual([path, String(status)]);
      }
    });

    it("answers HEAD with the same headers and no body", async () => {
      const { ask } = target();
      await eachRow(target(), async ({ path }) => {
        const [get, head] = [await ask(path), await ask(path, { method: "HEAD" })];
        await get.body?.cancel();
        expect([path, head.status]).toEqual([path, 200]);
        expect((await bodyOf(head)).length).toBe(0);
        for (const name of ["etag", "cache-control", "content-type", "content-length", "vary", ...CORS_NAMES]) {
          expect([path, name, head.headers.get(name)]).toEqual([path, name, get.headers.get(name)]);
        }
      });
    });

    it("says that what the client has is unchanged, and only that", async () => {
      const { ask, document } = target();
      await eachRow(target(), async ({ path, template, cacheControl }) => {
        const etag = (await ask(path, { method: "HEAD" })).headers.get("etag");
        if (etag === null) return;
        for (const sent of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
          const response = await ask(path, { headers: { "if-none-match": sent } });
          expect([path, sent, response.status]).toEqual([path, sent, 304]);
          expectDocumented(document, { method: "GET", template }, response);
          expect(response.headers.get("etag")).toBe(etag);
          expect(response.headers.get("cache-control")).toBe(cacheControl);
          expectReadableByPages(response);
          expect((await bodyOf(response)).length).toBe(0);
        }
        const changed = await ask(path, { headers: { "if-none-match": '"other"' } });
        expect([path, changed.status]).toEqual([path, 200]);
        await changed.body?.cancel();
      });
    });

    it("compresses for those who take gzip, under a tag of its own, unless that is left to others", async () => {
      const { ask, end, compresses } = target();
      const path = `/v1/states/${end}/0-4095`;
      const headers = { "accept-encoding": "br;q=0.5, gzip" };
      // What is small goes as it is to the first who asks.
      await (await ask(path, { headers })).body?.cancel();
      const [plain, zipped] = [await ask(path), await ask(path, { headers })];
      expect(zipped.headers.get("content-encoding")).toBe(compresses ? "gzip" : null);
      expect(Number(zipped.headers.get("content-length")) < Number(plain.headers.get("content-length"))).toBe(
        compresses,
      );
      const etag = plain.headers.get("etag");
      const zippedTag = zipped.headers.get("etag");
      expect(zippedTag).toBe(compresses ? etag?.replace(/"$/, '-gzip"') : etag);
      expect(zipped.headers.get("vary")).toMatch(/accept-encoding/i);
      expect(await bodyOf(zipped)).toEqual(await bodyOf(plain));
      const headed = await ask(path, { method: "HEAD", headers });
      for (const name of ["content-encoding", "content-length", "etag"]) {
        expect([name, headed.headers.get(name)]).toEqual([name, zipped.headers.get(name)]);
      }
      const unchanged = await ask(path, { headers: { ...headers, "if-none-match": String(zippedTag) } });
      expect(unchanged.status).toBe(304);
      expect(unchanged.headers.get("etag")).toBe(zippedTag);
      const small = await ask(`/v1/states/${end}/count`, { headers });
      expect(small.headers.get("content-encoding")).toBeNull();
      await small.body?.cancel();
    });

    it("keeps an answer out of every cache if asked for a fresh one", async () => {
      const { ask, document } = target();
      await eachRow(target(), async ({ path, template }) => {
        const [plain, fresh] = [await ask(path), await ask(`${path}?fresh=a-1_Z`)];
        expect([path, fresh.status]).toEqual([path, 200]);
        expectDocumented(document, { method: "GET", template }, fresh);
        expect([path, fresh.headers.get("cache-control")]).toEqual([path, NO_STORE]);
        expect(fresh.headers.get("etag")).toBeNull();
        expect(await bodyOf(fresh)).toEqual(await bodyOf(plain));
      });
    });
  });

  describe("an error", () => {
    const errors = ({ head, end }: Target): readonly [path: string, status: number, code: string][] => [
      ["/v1/epochs/00-1", 400, "INVALID_REQUEST"],
      ["/v1/epochs/1-0", 400, "INVALID_REQUEST"],
      ["/v1/epochs/0-18446744073709551616", 400, "INVALID_REQUEST"],
      ["/v1/summary?other=1", 400, "INVALID_REQUEST"],
      ["/v1/summary?fresh=", 400, "INVALID_REQUEST"],
      ["/v1/%73ummary", 400, "INVALID_REQUEST"],
      ["/v1/nothing", 400, "INVALID_REQUEST"],
      [`/v1/state/${end}/${ABSENT.toUpperCase()}@${end}`, 400, "INVALID_REQUEST"],
      [`/v1/outputs/2-${end}@3`, 400, "INVALID_REQUEST"],
      ["/v1/epochs/at/9999999", 404, "NOT_SERVICEABLE"],
      [`/v1/outputs/2-3@${head + 1_000n}`, 404, "NOT_SERVICEABLE"],
      [`/v1/states/${end - 1n}/count`, 404, "NOT_A_CHECKPOINT"],
      [`/v1/states/${end - 1n}/0-7`, 404, "NOT_A_CHECKPOINT"],
      ["/elsewhere", 404, "INVALID_REQUEST"],
      ["/", 404, "INVALID_REQUEST"],
    ];

    it("is a frame with its status, never kept, and readable by any page", async () => {
      const { ask, chain } = target();
      for (const [path, status, code] of errors(target())) {
        const response = await ask(path);
        expect([path, response.status]).toEqual([path, status]);
        expect(response.headers.get("cache-control")).toBe(NO_STORE);
        expect(response.headers.get("content-type")).toBe("application/cbor");
        expectReadableByPages(response);
        const frame = await frameOf(response);
        expect([path, frame.error?.code]).toEqual([path, code]);
        expect(frame.chain).toEqual(chain);
      }
    });

    it("has the same status and headers for HEAD, and no body", async () => {
      const { ask } = target();
      for (const [path, status] of errors(target())) {
        const response = await ask(path, { method: "HEAD" });
        expect([path, response.status]).toEqual([path, status]);
        expect(response.headers.get("cache-control")).toBe(NO_STORE);
        expect((await bodyOf(response)).length).toBe(0);
      }
    });

    it("names the checkpoint below where there is none", async () => {
      const { ask, end, world } = target();
      const { error } = await frameOf(await ask(`/v1/states/${end - 1n}/0-7`));
      expect(error?.detail["checkpoint"]).toBe(await world.ledger.checkpointAtOrBelow(end - 1n));
    });
  });
}

const CORS_NAMES = ["access-control-allow-origin", "access-control-expose-headers"];

/** Demands what a browser asks for before it shows a page the answer. */
export function expectReadableByPages({ url, headers }: Response): void {
  expect([url, headers.get("access-control-allow-origin")]).toEqual([url, "*"]);
  expect([url, headers.get("access-control-expose-headers")]).toEqual([url, EXPOSED]);
}
