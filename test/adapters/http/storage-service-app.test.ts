import { beforeAll, describe, expect, it } from "vitest";
import { formatRequestRecord, type RequestRecord } from "../../../adapters/http/request-log.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { SyncError } from "../../../core/errors.ts";
import { encodeFrame } from "../../../core/wire/frame.ts";
import { MAX_REQUEST_BYTES } from "../../../core/wire/limits.ts";
import { pathOfRequest, requestOfPath } from "../../../core/wire/paths.ts";
import { type DataRequest, encodeRequest } from "../../../core/wire/request.ts";
import { decodeResponse } from "../../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { type AskHttp, askOf, serverOf } from "../../helpers/http-world.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
const HASH = "0123456789abcdef".repeat(4);
const LIMITS = { maxBytes: 1 << 24 };

let world: DevnetWorld;
let ask: AskHttp;
let head: bigint;
let end: bigint;
let chain: Uint8Array;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 8 });
  ask = askOf(world);
  const progress = await world.ledger.progress();
  head = progress.committedVersion ?? 0n;
  chain = progress.chain;
  end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
});

async function bodyOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function decoded(response: Response) {
  return decodeResponse(await bodyOf(response), LIMITS);
}

async function post(request: DataRequest, requestChain = chain): Promise<Response> {
  return await ask("/v1/request", { method: "POST", body: encodeRequest(requestChain, request) });
}

describe("GET", () => {
  const paths = (): [path: string, cacheControl: string][] => [
    ["/v1/summary", "public, max-age=1"],
    ["/v1/ledger-info/latest", "public, max-age=1"],
    ["/v1/epochs/0-1", IMMUTABLE],
    ["/v1/epochs/0-2", "public, max-age=60"],
    [`/v1/epochs/at/${end}`, IMMUTABLE],
    [`/v1/outputs/2-3@${end}`, IMMUTABLE],
    [`/v1/transactions/2-3@${end}`, IMMUTABLE],
    [`/v1/transactions+events/2-3@${end}`, IMMUTABLE],
    [`/v1/outputs/2-3@${head}`, "public, max-age=60"],
    [`/v1/outputs/1-2@${end}`, "public, max-age=60"],
    [`/v1/transaction/3@${end}`, IMMUTABLE],
    [`/v1/transaction/3@${head}`, "public, max-age=60"],
    [`/v1/transaction/by-hash/${HASH}`, "public, max-age=1"],
    [`/v1/states/${end}/count`, IMMUTABLE],
    [`/v1/states/${end}/0-7`, IMMUTABLE],
    [`/v1/state/${end}/${HASH}@${end}`, IMMUTABLE],
    [`/v1/state/${end}/${HASH}@${head}`, "public, max-age=60"],
    [`/v1/state/latest/${HASH}`, "public, max-age=1"],
    [`/v1/states-by-key/${end}@${end}/${HASH},${HASH}`, IMMUTABLE],
    ["/v1/peers", "no-store"],
  ];

  it("answers every path of the surface, each with its lifetime", async () => {
    for (const [path, cacheControl] of paths()) {
      const response = await ask(path);
      expect([path, response.status]).toEqual([path, 200]);
      expect([path, response.headers.get("cache-control")]).toEqual([path, cacheControl]);
      expect(response.headers.get("content-type")).toBe("application/cbor");
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      const body = await bodyOf(response);
      expect(response.headers.get("content-length")).toBe(String(body.length));
      expect(decodeResponse(body, LIMITS)).toMatchObject({ chain });
    }
  });

  it("gives the bytes that a POST of the same request gives", async () => {
    for (const [path] of paths().filter(([path]) => path.startsWith("/v1/outputs") || path.startsWith("/v1/epochs"))) {
      const posted = await post(requestOfPath(path).request);
      expect(posted.headers.get("cache-control")).toBe("no-store");
      expect(await bodyOf(posted)).toEqual(await bodyOf(await ask(path)));
    }
  });

  it("tags answers with the SHA3-256 of their bytes, and says when they have not changed", async () => {
    const path = `/v1/outputs/2-3@${end}`;
    const response = await ask(path);
    const hash = world.context.hasher.hash(new Uint8Array(0), await bodyOf(response));
    const etag = response.headers.get("etag") ?? "";
    expect(etag).toBe(`"${encodeHex(hash)}"`);
    expect(response.headers.get("vary")).toBe("Accept-Encoding");
    for (const sent of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await ask(path, { headers: { "if-none-match": sent } });
      expect([sent, again.status]).toEqual([sent, 304]);
      expect(again.headers.get("etag")).toBe(etag);
      expect(again.headers.get("cache-control")).toBe(IMMUTABLE);
      expect((await bodyOf(again)).length).toBe(0);
    }
    expect((await ask(path, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  it("gives the same bytes and tags from another server that stores the ledger in other pieces", async () => {
    const other = askOf(await buildDevnetWorld({ blocks: 4 }));
    for (const [path, cacheControl] of paths()) {
      if (cacheControl !== IMMUTABLE) continue;
      const [left, right] = [await ask(path), await other(path)];
      expect([path, right.headers.get("etag")]).toEqual([path, left.headers.get("etag")]);
      expect(await bodyOf(right)).toEqual(await bodyOf(left));
    }
  });

  it("answers HEAD with the headers of GET and no body", async () => {
    const path = `/v1/outputs/2-3@${end}`;
    const [get, headed] = [await ask(path), await ask(path, { method: "HEAD" })];
    expect(headed.status).toBe(200);
    expect((await bodyOf(headed)).length).toBe(0);
    for (const name of ["etag", "cache-control", "content-type", "content-length", "vary"]) {
      expect([name, headed.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    }
  });

  it("hashes an answer once for all who ask for it, GET or HEAD", async () => {
    const hashed: number[] = [];
    const sha3 = (bytes: Uint8Array) => {
      hashed.push(bytes.length);
      return world.context.hasher.hash(new Uint8Array(0), bytes);
    };
    const counted = askOf(world, { sha3 });
    const path = `/v1/outputs/2-3@${end}`;
    for (const method of ["GET", "HEAD", "GET"]) expect((await counted(path, { method })).status).toBe(200);
    const etag = (await counted(path)).headers.get("etag") ?? "";
    expect((await counted(path, { headers: { "if-none-match": etag } })).status).toBe(304);
    expect(hashed).toHaveLength(1);
  });

  it("compresses if told to, for those who take it, with the same headers for HEAD", async () => {
    const zipping = askOf(world, { compression: true });
    const path = `/v1/states/${end}/0-4095`;
    const whole = await bodyOf(await zipping(path));
    const headers = { "accept-encoding": "gzip, br" };
    // What is small goes as it is to the first who asks.
    expect(await bodyOf(await zipping(path, { headers }))).toEqual(whole);
    const [zipped, headed] = [await zipping(path, { headers }), await zipping(path, { headers, method: "HEAD" })];
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect([...headed.headers]).toEqual([...zipped.headers]);
    const sent = await bodyOf(zipped);
    expect(zipped.headers.get("content-length")).toBe(String(sent.length));
    const inflating = new Response(sent as Uint8Array<ArrayBuffer>).body?.pipeThrough(new DecompressionStream("gzip"));
    expect(await bodyOf(new Response(inflating as ReadableStream<Uint8Array>))).toEqual(whole);
    const posted = await zipping("/v1/request", {
      method: "POST",
      headers,
      body: encodeRequest(chain, requestOfPath(path).request),
    });
    expect(await bodyOf(posted)).toEqual(sent);
    expect((await ask(path, { headers })).headers.get("content-encoding")).toBeNull();
  });

  it("keeps an answer out of every cache if asked for a fresh one", async () => {
    const response = await ask(`/v1/outputs/2-3@${end}?fresh=a1`);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("etag")).toBeNull();
  });
});

describe("what cannot be read", () => {
  it("counts against who sent it, path or frame, until it is ignored", async () => {
    const server = serverOf(world, { maxInvalidRequestsPerPeer: 4 });
    const asked = askOf(world, { server, requesterOf: () => ({ address: "192.0.2.1", trusted: false }) });
    const frame = { method: "POST", body: new Uint8Array([1, 2, 3]) };
    const statuses: number[] = [];
    for (const _ of [1, 2]) {
      statuses.push((await asked("/v1/epochs/00-1")).status, (await asked("/v1/request", frame)).status);
    }
    expect(statuses).toEqual([400, 400, 400, 400]);
    expect((await asked("/v1/request", frame)).status).toBe(429);
    expect((await asked("/v1/summary")).status).toBe(429);
    expect((await asked("/healthz")).status).toBe(200);
  });
});

describe("errors", () => {
  const cases = (): [path: string, status: number, code: string, detail?: object][] => [
    ["/v1/epochs/00-1", 400, "INVALID_REQUEST"],
    ["/v1/epochs/1-0", 400, "INVALID_REQUEST"],
    ["/v1/summary?b=c", 400, "INVALID_REQUEST"],
    ["/v1/nothing", 400, "INVALID_REQUEST"],
    [`/v1/state/7/${HASH.toUpperCase()}@9`, 400, "INVALID_REQUEST"],
    ["/v1/%65pochs/0-1", 400, "INVALID_REQUEST"],
    ["/v1/epochs/at/9999999", 404, "NOT_SERVICEABLE"],
    [`/v1/outputs/2-3@${head + 1n}`, 404, "NOT_SERVICEABLE"],
    [`/v1/new/outputs/${head}/3`, 404, "NOT_SERVICEABLE"],
    [`/v1/states/${end - 1n}/count`, 404, "NOT_A_CHECKPOINT"],
  ];

  it("are frames with their status, and never kept", async () => {
    for (const [path, status, code] of cases()) {
      const response = await ask(path);
      expect([path, response.status]).toEqual([path, status]);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      const { error, chain: told } = await decoded(response);
      expect([path, error?.code]).toEqual([path, code]);
      expect(told).toEqual(chain);
    }
  });

  it("name the checkpoint below where there is none", async () => {
    const { error } = await decoded(await ask(`/v1/states/${end - 1n}/0-7`));
    expect(error?.detail["checkpoint"]).toBe(await world.ledger.checkpointAtOrBelow(end - 1n));
  });

  it("name the lowest version kept, and the limit, and how long to wait", async () => {
    const failing = (error: SyncError) => askOf(world, { server: { ...serverOf(world), answer: throwing(error) } });
    const pruned = await failing(new SyncError("PRUNED", "gone", { detail: { lowest: 7n } }))("/v1/summary");
    expect(pruned.status).toBe(404);
    expect((await decoded(pruned)).error?.detail).toEqual({ lowest: 7n });
    const large = await failing(new SyncError("TOO_LARGE", "large", { detail: { limit: 5 } }))("/v1/summary");
    expect(large.status).toBe(413);
    expect((await decoded(large)).error?.detail).toEqual({ limit: 5n });
    const busy = new SyncError("TOO_MANY_REQUESTS", "busy", { detail: { retryAfterMs: 2500 } });
    const limited = await failing(busy)("/v1/summary");
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toBe("3");
    expect(limited.headers.get("access-control-expose-headers")).toContain("Retry-After");
  });

  it("of the store are 503, and say nothing about it", async () => {
    for (const thrown of [new SyncError("STORAGE_CORRUPT", "disk /secret"), new TypeError("secret")]) {
      const response = await askOf(world, { server: { ...serverOf(world), answer: throwing(thrown) } })(
        "/v1/summary",
      );
      expect(response.status).toBe(503);
      const { error } = await decoded(response);
      expect(error?.code).toBe("INTERNAL");
      expect(error?.message).not.toContain("secret");
    }
  });

  it("are told even where the store cannot tell its chain", async () => {
    const failure = throwing(new SyncError("STORAGE_FAILED", "closed"));
    const response = await askOf(world, { server: { ...serverOf(world), answer: failure, chain: failure } })(
      "/v1/summary",
    );
    expect(response.status).toBe(503);
    expect((await decoded(response)).chain).toEqual(new Uint8Array(32));
  });
});

describe("POST", () => {
  it("answers any request, of a client that knows the chain or does not yet", async () => {
    for (const known of [chain, new Uint8Array(32)]) {
      const { response } = await decoded(await post({ kind: "getServerProtocolVersion" }, known));
      expect(response).toEqual({ kind: "serverProtocolVersion", protocolVersion: 1n });
    }
  });

  it("refuses another chain", async () => {
    const response = await post({ kind: "getServerProtocolVersion" }, new Uint8Array(32).fill(1));
    expect(response.status).toBe(400);
    expect((await decoded(response)).error?.code).toBe("WRONG_CHAIN");
  });

  const broken: [what: string, body: Uint8Array][] = [
    ["nothing", new Uint8Array(0)],
    ["text", new TextEncoder().encode("hello")],
    ["deep nesting", new Uint8Array(60_000).fill(0x81)],
    ["a huge length", new Uint8Array([0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ["a map", new Uint8Array([0xa1, 0x01, 0x02])],
    ["bytes left over", new Uint8Array([...encodeFrame(new Uint8Array(32), 4, []), 0])],
    ["an unknown variant", encodeFrame(new Uint8Array(32), 200, [])],
    ["an answer", encodeFrame(new Uint8Array(32), 255, [9, "x"])],
  ];
  it.each(broken)("refuses %s", async (_, body) => {
    const response = await ask("/v1/request", { method: "POST", body: body as Uint8Array<ArrayBuffer> });
    expect(response.status).toBe(400);
    expect((await decoded(response)).error?.code).toBe("INVALID_REQUEST");
  });

  it("refuses a body above 64 KiB by its declared length, and by what comes", async () => {
    const body = new Uint8Array(MAX_REQUEST_BYTES + 1);
    expect((await ask("/v1/request", { method: "POST", body })).status).toBe(413);
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1 << 14;
        controller.enqueue(new Uint8Array(1 << 14));
      },
    });
    const init = { method: "POST", body: endless, duplex: "half" } as RequestInit;
    const response = await ask("/v1/request", init);
    expect(response.status).toBe(413);
    expect((await decoded(response)).error).toMatchObject({ code: "TOO_LARGE", detail: { limit: 65_536n } });
    expect(pulled).toBeLessThan(4 * MAX_REQUEST_BYTES);
  });

  it("refuses a body that breaks off, or is longer than it says", async () => {
    const broken = () => new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    const long = new Uint8Array(MAX_REQUEST_BYTES + 1);
    for (
      const [body, length, status] of [[broken(), "9", 400], [broken(), undefined, 400], [long, "9", 413]] as const
    ) {
      const headers: Record<string, string> = length === undefined ? {} : { "content-length": length };
      const init = { method: "POST", body, headers, duplex: "half" } as RequestInit;
      expect((await ask("/v1/request", init)).status).toBe(status);
    }
  });

  it("refuses a content coding", async () => {
    const headers = { "content-encoding": "gzip" };
    expect((await ask("/v1/request", { method: "POST", body: new Uint8Array(3), headers })).status).toBe(400);
  });
});

describe("everything else", () => {
  it("answers a preflight", async () => {
    const response = await ask("/v1/request", { method: "OPTIONS" });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    expect(response.headers.get("access-control-allow-headers")).toContain("Content-Type");
  });

  it("is not found, or not allowed", async () => {
    expect((await ask("/elsewhere")).status).toBe(404);
    expect((await ask("/v1/summary", { method: "POST" })).status).toBe(404);
    const response = await ask("/v1/summary", { method: "DELETE" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, POST, OPTIONS");
  });

  it("tells its health, however old the head is and even if the store fails", async () => {
    const response = await ask("/healthz");
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const health = await response.json() as { headAgeMs: number };
    expect(health).toMatchObject({ status: "ok", committedVersion: String(head), epoch: "3" });
    expect(health.headAgeMs).toBeGreaterThan(1_000_000);
    const view = throwing(new SyncError("STORAGE_FAILED", "closed"));
    const failed = await askOf(world, { server: { ...serverOf(world), view } })("/healthz");
    expect(failed.status).toBe(200);
    expect(await failed.json()).toEqual({ status: "ok", storeError: "STORAGE_FAILED" });
  });

  it("logs one line a request: method, path, status, bytes, and what a POST asked for", async () => {
    const records: RequestRecord[] = [];
    const logged = askOf(world, { onRequest: (record) => records.push(record) });
    const request: DataRequest = {
      kind: "getTransactionDataWithProof",
      dataType: { kind: "outputs" },
      firstVersion: 2n,
      lastVersion: 3n,
      proofVersion: end,
      maxResponseBytes: 1 << 23,
    };
    const body = encodeRequest(chain, request);
    const answer = await bodyOf(await logged("/v1/request", { method: "POST", body }));
    const path = pathOfRequest(request) ?? "";
    await logged(`${path}?fresh=x`);
    await logged(path, { method: "HEAD" });
    await logged("/v1/epochs/00-1");
    const lines = records.map(formatRequestRecord);
    const what = `proofVersion=${end} firstVersion=2 lastVersion=3 maxResponseBytes=8388608`;
    expect(lines.slice(0, 3)).toEqual([
      `POST /v1/request 200 ${answer.length} getTransactionDataWithProof ${what}`,
      `GET ${path}?fresh=x 200 ${answer.length}`,
      `HEAD ${path} 200 0`,
    ]);
    expect(lines[3]).toMatch(/^GET \/v1\/epochs\/00-1 400 \d+$/);
  });
});

function throwing(error: unknown): () => Promise<never> {
  return () => Promise.reject(error);
}
