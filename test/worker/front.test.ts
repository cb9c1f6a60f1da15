import { describe, expect, it } from "vitest";
import type { R2Answers } from "../../adapters/cloudflare/r2-answers.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import { type MetricDefinition, NO_METRICS } from "../../core/ports/metrics.ts";
import { decodeResponse } from "../../core/wire/response.ts";
import { type EdgeCache, keepablePath, keepAnswer, keptAnswer } from "../../worker/edge-cache.ts";
import { answerAtEdge, type FrontParts } from "../../worker/front.ts";
import { isLargeRange } from "../../worker/large-range.ts";
import { createRecordingMetrics } from "../helpers/recording-metrics.ts";

const BASE = "https://sync.test";
const IMMUTABLE = "public, max-age=31536000, immutable";
const EDGE_ANSWERS: MetricDefinition = { name: "edge_answers", help: "", kind: "counter", labels: ["source"] };
const LARGE_PATH = "/v1/outputs/0-2047@5000";

/** The platform's cache as far as the front uses it: the real one cannot be made to fail. */
function memoryCache(): EdgeCache & { readonly kept: Map<string, Response> } {
  const kept = new Map<string, Response>();
  return {
    kept,
    match: (url) => Promise.resolve(kept.get(String(url))?.clone()),
    put: async (url, answer) => {
      kept.set(String(url), new Response(await answer.arrayBuffer(), { headers: answer.headers }));
    },
  };
}

interface Front {
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Resolves when what was left for after the answer is done. */
  settled(): Promise<unknown>;
}

function frontOf(parts: Partial<FrontParts> & Pick<FrontParts, "askObject">): Front {
  const works: Promise<void>[] = [];
  const all: FrontParts = {
    cache: memoryCache(),
    metrics: NO_METRICS,
    log: SILENT_LOG,
    waitUntil: (work) => works.push(work),
    ...parts,
  };
  return {
    ask: (path, init) => answerAtEdge(new Request(BASE + path, init), all),
    settled: () => Promise.all(works),
  };
}

function answer(body: BodyInit, headers: Record<string, string> = {}): Response {
  const own = { "cache-control": IMMUTABLE, etag: '"tag"', "content-length": "400000" };
  return new Response(body, { headers: { ...own, ...headers } });
}

const failing = () => Promise.reject(new Error("down"));

describe("the front", () => {
  it("says 503 and to ask again, in a frame nobody keeps, when the object is away", async () => {
    const cache = memoryCache();
    const front = frontOf({ cache, askObject: failing });
    for (const [path, init] of [["/v1/summary", {}], ["/v1/new/outputs/1/1", {}], ["/healthz", {}]] as const) {
      const response = await front.ask(path, init);
      expect([response.status, response.headers.get("cache-control")]).toEqual([503, "no-store"]);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      const { error } = decodeResponse(new Uint8Array(await response.arrayBuffer()), { maxBytes: 1_000 });
      expect(error?.code).toBe("INTERNAL");
    }
    await front.settled();
    expect(cache.kept.size).toBe(0);
    expect((await front.ask("/v1/summary", { method: "HEAD" })).body).toBeNull();
  });

  it("hands a body on when it is whole, and none that is longer than any request or breaks off", async () => {
    const got: number[] = [];
    const front = frontOf({
      askObject: async (request) => {
        got.push((await request.arrayBuffer()).byteLength);
        return new Response("answered");
      },
    });
    const post = (body: BodyInit) => front.ask("/v1/request", { method: "POST", body, duplex: "half" } as RequestInit);
    const stream = (sizeBytes: number, broken = false) =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(sizeBytes));
          if (broken) controller.error(new Error("hung up"));
          else controller.close();
        },
      });
    for (const body of [new Uint8Array(0), new Uint8Array(3), stream(65_536)]) {
      expect(await (await post(body)).text()).toBe("answered");
    }
    expect(got).toEqual([0, 3, 65_536]);
    const refused: [body: BodyInit, status: number, code: string][] = [
      [new Uint8Array(65_537), 413, "TOO_LARGE"],
      [stream(65_537), 413, "TOO_LARGE"],
      [stream(3_000_000), 413, "TOO_LARGE"],
      [stream(10, true), 400, "INVALID_REQUEST"],
    ];
    for (const [body, status, code] of refused) {
      const response = await post(body);
      expect([response.status, response.headers.get("cache-control")]).toEqual([status, "no-store"]);
      const { error } = decodeResponse(new Uint8Array(await response.arrayBuffer()), { maxBytes: 1_000 });
      expect([error?.code, error?.detail["limit"]]).toEqual([code, status === 413 ? 65_536n : undefined]);
    }
    expect(got).toHaveLength(3);
  });

  it("answers from the object when cache and bucket fail", async () => {
    const broken: EdgeCache = { match: failing, put: failing };
    const answers: R2Answers = { get: failing, put: failing };
    const front = frontOf({ cache: broken, answers, askObject: () => Promise.resolve(answer("whole")) });
    const response = await front.ask(LARGE_PATH);
    expect([response.status, await response.text()]).toEqual([200, "whole"]);
    await expect(front.settled()).resolves.toBeDefined();
  });

  it("neither keeps nor stores an answer that breaks off", async () => {
    const cache = memoryCache();
    const puts: string[] = [];
    const answers: R2Answers = {
      get: () => Promise.resolve(undefined),
      put: async (path) => void puts.push(path),
    };
    const breaking = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(300_000));
          controller.error(new Error("the object was evicted"));
        },
      });
    const front = frontOf({ cache, answers, askObject: () => Promise.resolve(answer(breaking())) });
    const response = await front.ask(LARGE_PATH);
    await expect(response.arrayBuffer()).rejects.toThrow("evicted");
    await front.settled();
    expect([cache.kept.size, puts]).toEqual([0, []]);
  });

  it.each([
    ["an error", new Response("no", { status: 404, headers: { "cache-control": IMMUTABLE } })],
    ["no-store", answer("no", { "cache-control": "no-store" })],
    ["private", answer("no", { "cache-control": "private, max-age=60" })],
    ["max-age=0", answer("no", { "cache-control": "public, max-age=0" })],
    ["nothing said", new Response("no")],
  ])("does not keep %s", async (_, given) => {
    const cache = memoryCache();
    const front = frontOf({ cache, askObject: () => Promise.resolve(given) });
    expect((await front.ask("/v1/summary")).status).toBe(given.status);
    await front.settled();
    expect(cache.kept.size).toBe(0);
  });

  it("stores only answers that are immutable, tagged and large", async () => {
    const puts: string[] = [];
    const answers: R2Answers = {
      get: () => Promise.resolve(undefined),
      put: async (_, { etag }) => void puts.push(etag),
    };
    const given: [headers: Record<string, string>, isStored: boolean][] = [
      [{}, true],
      [{ "content-length": "262144" }, true],
      [{ "content-length": "262143" }, false],
      [{ "cache-control": "public, max-age=60" }, false],
    ];
    for (const [headers, isStored] of given) {
      puts.length = 0;
      const front = frontOf({ answers, askObject: () => Promise.resolve(answer("x", headers)) });
      await (await front.ask(LARGE_PATH)).text();
      await front.settled();
      expect([headers, puts]).toEqual([headers, isStored ? ['"tag"'] : []]);
    }
  });
});

describe("what the front counts", () => {
  it("is where answers come from: the cache, the bucket, the object", async () => {
    const metrics = createRecordingMetrics();
    const stored = () => ({ etag: '"tag"', sizeBytes: 6, body: new Response("stored").body as ReadableStream });
    const answers: R2Answers = {
      get: (path) => Promise.resolve(path === LARGE_PATH ? stored() : undefined),
      put: () => Promise.resolve(),
    };
    const front = frontOf({ answers, metrics, askObject: () => Promise.resolve(answer("made")) });
    const countsAfter = async (path: string) => {
      const text = await (await front.ask(path)).text();
      await front.settled();
      return [text, ...["cache", "bucket", "object"].map((source) => metrics.valueOf(EDGE_ANSWERS, source))];
    };
    expect(await countsAfter(LARGE_PATH)).toEqual(["stored", 0, 1, 0]);
    expect(await countsAfter(LARGE_PATH)).toEqual(["stored", 1, 1, 0]);
    expect(await countsAfter("/v1/outputs/2048-4095@5000")).toEqual(["made", 1, 1, 1]);
    expect(await countsAfter("/v1/new/outputs/1/1")).toEqual(["made", 1, 1, 2]);
  });
});

describe("the edge cache", () => {
  it("gives back the time that the server said, whatever the zone writes over it", async () => {
    const cache = memoryCache();
    await keepAnswer(cache, `${BASE}/v1/summary`, answer("x", { "cache-control": "public, max-age=1" }));
    // What a zone's Browser Cache TTL does to shorter times.
    cache.kept.get(`${BASE}/v1/summary`)?.headers.set("cache-control", "public, max-age=14400");
    const kept = await keptAnswer(cache, `${BASE}/v1/summary`);
    expect(kept?.headers.get("cache-control")).toBe("public, max-age=1");
    expect([...kept?.headers.keys() ?? []].filter((header) => header.startsWith("velor-"))).toEqual([]);
  });

  it.each([
    ["GET", "/v1/summary", true],
    ["HEAD", LARGE_PATH, true],
    ["GET", "/v1/newer", true],
    ["GET", "/v1/new/outputs/1/1", false],
    ["GET", "/v1/summary?fresh=1", false],
    ["GET", "/v1/summary?", false],
    ["GET", "/healthz", false],
    ["GET", "/v1", false],
    ["POST", "/v1/request", false],
    ["DELETE", "/v1/summary", false],
  ])("is asked for %s %s: %s", (method, path, isKeepable) => {
    expect(keepablePath(new Request(BASE + path, { method }))).toBe(isKeepable ? path : undefined);
  });
});

describe("a range that may be large", () => {
  it.each([
    ["/v1/outputs/0-2047@5000", true],
    ["/v1/transactions/2048-4095@5000", true],
    ["/v1/transactions+events/16-31@31", true],
    ["/v1/epochs/0-127", true],
    ["/v1/outputs/0-7@5000", false],
    ["/v1/outputs/8-23@5000", false],
    ["/v1/outputs/0-4999@4999", false],
    ["/v1/outputs/0-4095@9000", false],
    ["/v1/transactions/0-4095@9000", false],
    ["/v1/epochs/0-255", false],
    ["/v1/states/100/0-63", false],
    ["/v1/states/100/4096-8191", false],
    ["/v1/states/100/count", false],
    ["/v1/summary", false],
    ["/v1/transaction/5@9", false],
    ["/v1/outputs/31-16@31", false],
    ["/v1/outputs/00-63@64", false],
    ["/v1/nothing", false],
  ])("%s: %s", (path, isLarge) => expect(isLargeRange(path)).toBe(isLarge));
});
