import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SyncError } from "../../core/errors.ts";
import type { StorageServiceConfig } from "../../core/storage-service/config.ts";
import type { DataRequest } from "../../core/wire/request.ts";
import { judgeAnswer, judgeRefusal } from "./answer-oracle.ts";
import { openCorpus } from "./corpus.ts";
import { FuzzRandom } from "./fuzz-random.ts";
import { fuzz, type FuzzReport, type Surface } from "./fuzzer.ts";
import { createFuzzedServer, type FuzzedServer } from "./fuzzed-server.ts";
import { decodeMessage, encodeMessage } from "./http-message.ts";
import { judgeHttp } from "./http-oracle.ts";
import { LEAK_BYTES_PER_CASE, LEAST_JUDGED_CASES } from "./memory.ts";
import { SURFACES } from "./surfaces/mod.ts";

const folder = mkdtempSync(join(tmpdir(), "velor-fuzz-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the fuzzer", () => {
  /** A surface that takes any bytes and does as it is told. */
  function surfaceOf(run: (input: Uint8Array) => Promise<void>): Surface {
    return {
      name: "planted",
      extension: "bin",
      generate: (random) => random.bytes(8),
      run: async (input) => {
        await run(input);
        return { isAnswered: true, way: "" };
      },
      close: async () => {},
    };
  }

  const fuzzPlanted = (surface: Surface, cases: number, memorySamples = 0): Promise<FuzzReport> =>
    fuzz(surface, { cases, seed: 7, corpus: openCorpus("planted", "bin", folder), silenceMs: 200, memorySamples });

  it("finds an input that fails, keeps it, and tries it first the next time", async () => {
    const failing = surfaceOf(async (input) => {
      if (input[0] === 7) throw new Error("seven");
    });
    const { findings } = await fuzzPlanted(failing, 4_000);
    expect(findings.length).toBeGreaterThanOrEqual(10);
    expect(findings[0]?.problem).toMatch(/seven/);
    expect(findings[0]?.input).toEqual(new FuzzRandom(7, findings[0]?.index ?? 0).bytes(8));
    expect(readFileSync(findings[0]?.file ?? "")).toEqual(Buffer.from(findings[0]?.input ?? []));
    const [again] = (await fuzzPlanted(failing, 32)).findings;
    expect(again?.index).toBeLessThan(32);
    rmSync(join(folder, "planted"), { recursive: true });
  });

  it("finds an input that gets no answer", async () => {
    const silent = surfaceOf((input) => (input[0] === 7 ? new Promise(() => {}) : Promise.resolve()));
    const { findings } = await fuzzPlanted(silent, 1_000);
    expect(findings[0]?.problem).toMatch(/no answer/);
    expect(findings.map(({ input }) => input[0])).toEqual(findings.map(() => 7));
    rmSync(join(folder, "planted"), { recursive: true });
  });

  it("finds a kilobyte that is kept for every input, at the fewest cases of a run that is judged", async () => {
    const leak: unknown[] = [];
    const leaking = surfaceOf(async () => {
      leak.push(new Uint8Array(LEAK_BYTES_PER_CASE));
    });
    const report = await fuzzPlanted(leaking, LEAST_JUDGED_CASES, 12);
    expect(report.isMemoryJudged).toBe(true);
    expect(report.memoryProblem).toMatch(/grows by/);
    leak.length = 0;
  });

  it("finds nothing wrong where memory grows until a cache is full", async () => {
    const cache: unknown[] = [];
    const caching = surfaceOf(async () => {
      if (cache.length < LEAST_JUDGED_CASES / 4) cache.push(new Uint8Array(LEAK_BYTES_PER_CASE));
    });
    const report = await fuzzPlanted(caching, LEAST_JUDGED_CASES, 12);
    expect(report).toMatchObject({ isMemoryJudged: true, memoryProblem: undefined });
    cache.length = 0;
  });

  it("says nothing of memory after too few cases, which the usual number never is", async () => {
    const report = await fuzzPlanted(surfaceOf(async () => {}), LEAST_JUDGED_CASES / 8, 4);
    expect(report).toMatchObject({ isMemoryJudged: false, memoryProblem: undefined });
    // What `worker` holds is not known, so it needs no number.
    const short = Object.entries(SURFACES).filter(([, { cases }]) => cases < LEAST_JUDGED_CASES);
    expect(short.map(([name]) => name)).toEqual(["worker"]);
  });

  it("keeps the first input of every way, as many as it may, and no second one where it is run again", async () => {
    const surface: Surface = {
      ...surfaceOf(async () => {}),
      run: async (input) => ({ isAnswered: true, way: `way ${(input[0] ?? 0) % 3}` }),
    };
    const keep = async (keepWays: number, seed: number) => {
      const corpus = openCorpus("ways", "bin", folder);
      await fuzz(surface, { cases: 100, seed, corpus, keepWays, memorySamples: 0 });
      return readdirSync(join(folder, "ways")).map((name) => name.slice(0, 5));
    };
    expect(await keep(2, 1)).toHaveLength(2);
    expect(await keep(3, 2)).toEqual(["way-0", "way-1", "way-2"]);
    expect(await keep(3, 3)).toEqual(["way-0", "way-1", "way-2"]);
  });

  it("makes the same draws of the same seed", () => {
    const draw = (seed: number, index: number) => new FuzzRandom(seed, index).bytes(16);
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(1, 2)).not.toEqual(draw(2, 1));
    expect(draw(1, 2)).not.toEqual(draw(1, 3));
  });
});

describe("the judge of answers", () => {
  let fuzzed: FuzzedServer;
  beforeAll(async () => {
    fuzzed = await createFuzzedServer();
  });

  const range = { firstVersion: 8n, lastVersion: 20n, proofVersion: 60n };
  const request: DataRequest = { kind: "getTransactionOutputsWithProof", ...range };
  const answerTo = async (asked: DataRequest) => (await fuzzed.server.answer(asked, { trusted: true })).bytes;
  const judge = async (changed: Partial<StorageServiceConfig>, asked: DataRequest = request) =>
    judgeAnswer(asked, await answerTo(request), { ...fuzzed.config, ...changed });

  it("takes what is right", async () => {
    expect(await judge({})).toMatchObject({ isAnswered: true });
  });

  it("refuses more items, and more bytes, than there may be", async () => {
    await expect(judge({ maxTransactionOutputChunkSize: 1 })).rejects.toThrow(/at most 1 are allowed/);
    await expect(judge({ maxNetworkChunkBytes: 1_000 })).rejects.toThrow(/at most 1000 are allowed/);
  });

  it("refuses an answer to something else, and one that is no answer", async () => {
    await expect(judge({}, { ...request, lastVersion: 21n })).rejects.toThrow(/another range/);
    await expect(judge({}, { kind: "getTransactionsWithProof", ...range, includeEvents: true })).rejects.toThrow(
      /answers/,
    );
    const { server, config } = fuzzed;
    const refused = await server.answer({ ...request, firstVersion: 30n }, { trusted: true }).catch((error) => error);
    expect(judgeRefusal(request, refused)).toMatchObject({ isAnswered: false });
    const bytes = await answerTo(request);
    expect(() => judgeAnswer(request, bytes.subarray(1), config)).toThrow();
  });

  it("refuses failures of our own", () => {
    const failure = new SyncError("STORAGE_FAILED", "Cannot read");
    expect(() => judgeRefusal(request, failure)).toThrow(failure);
    expect(() => judgeRefusal(request, new TypeError("x is undefined"))).toThrow(TypeError);
  });

  it("refuses a status from 500 on, an error that may be kept, and a length that is a lie", async () => {
    const message = { method: "POST", target: "/v1/request", headers: [], body: new Uint8Array() };
    const respond = (status: number, headers: Record<string, string>, body = new Uint8Array()) => () =>
      judgeHttp(message, { status, header: (name) => headers[name], body }, fuzzed.config);
    expect(respond(503, {})).toThrow(/status 503/);
    expect(respond(400, {})).toThrow(/may be kept/);
    expect(respond(200, { "cache-control": "no-store", "content-length": "1" })).toThrow(/content-length/);
    const typed = { "content-type": "application/cbor" };
    expect(respond(200, { ...typed, "cache-control": "public" })).toThrow(/cache-control/);
  });
});

describe("HTTP messages", () => {
  it("are read as they were written", () => {
    const message = {
      method: "POST",
      target: "/a?b",
      headers: [["x", "y: z"]] as const,
      body: new Uint8Array([13, 10, 0]),
    };
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
    expect(decodeMessage(new Uint8Array([1, 2]))).toBeUndefined();
  });
});

describe("every surface, for a moment", () => {
  it.each(
    [["server", 1_500], ["get", 1_500], ["post", 1_500], ["client", 3_000], ["large", 60], ["node", 150]] as const,
  )(
    "%s bears what anybody sends",
    async (name, cases) => {
      const surface = await (SURFACES[name] as { open: () => Promise<Surface> }).open();
      const corpus = openCorpus(name, surface.extension);
      // Too few cases to tell a leak: `npm run fuzz` has enough.
      const report = await fuzz(surface, { cases, seed: 1, corpus, memorySamples: 0 });
      const bytes = await surface.memoryBytes?.() ?? Number.POSITIVE_INFINITY;
      await surface.close();
      expect(bytes).toBeGreaterThan(1_000_000);
      expect(report.findings.map(({ problem, file }) => `${file}: ${problem}`)).toEqual([]);
      expect(report.answered / report.cases).toBeGreaterThan(0.3);
      expect(report.ways.size).toBeGreaterThan(25);
    },
  );
});
