import { createHash } from "node:crypto";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SyncError } from "../../core/errors.ts";
import { encodeError } from "../../core/wire/error-frame.ts";
import { type DataRequest, encodeRequest } from "../../core/wire/request.ts";
import { createFuzzedServer, type FuzzedServer } from "./fuzzed-server.ts";
import type { HttpMessage } from "./http-message.ts";
import { judgeHttp } from "./http-oracle.ts";

const NOTHING = new Uint8Array();
const IMMUTABLE = "public, max-age=31536000, immutable";
const SECOND = "public, max-age=1";
const OUTPUTS = "/v1/outputs/8-20@60";
const OUTPUTS_REQUEST: DataRequest = {
  kind: "getTransactionDataWithProof",
  ...{ firstVersion: 8n, lastVersion: 20n, proofVersion: 60n },
  ...{ dataType: { kind: "outputs" }, maxResponseBytes: 4 * 1024 * 1024 },
};

const tagOf = (bytes: Uint8Array) => `"${createHash("sha3-256").update(bytes).digest("hex")}"`;
const asking = (method: string, target: string, headers: HttpMessage["headers"] = []): HttpMessage => ({
  ...{ method, target, headers },
  body: NOTHING,
});

describe("the judge of HTTP, on keeping", () => {
  let fuzzed: FuzzedServer;
  let outputs: Uint8Array;
  let summary: Uint8Array;

  beforeAll(async () => {
    fuzzed = await createFuzzedServer();
    const answerTo = async (request: DataRequest) => (await fuzzed.server.answer(request, { trusted: true })).bytes;
    outputs = await answerTo(OUTPUTS_REQUEST);
    summary = await answerTo({ kind: "getStorageServerSummary" });
  });
  afterAll(() => fuzzed.server.stop());

  const judging = (message: HttpMessage, body: Uint8Array, headers: Record<string, string>, status = 200) => () => {
    const typed: Record<string, string> = { "content-type": "application/cbor", ...headers };
    return judgeHttp(message, { status, header: (name) => typed[name], body }, fuzzed.config);
  };
  const kept = (bytes: Uint8Array, cacheControl = IMMUTABLE) => ({ "cache-control": cacheControl, etag: tagOf(bytes) });

  it("takes what is right", () => {
    const gzipped = { ...kept(outputs), etag: tagOf(outputs).replace(/"$/, '-gzip"'), "content-encoding": "gzip" };
    expect(judging(asking("GET", OUTPUTS), outputs, kept(outputs))).not.toThrow();
    expect(judging(asking("GET", OUTPUTS), gzipSync(outputs), gzipped)).not.toThrow();
    expect(judging(asking("HEAD", OUTPUTS), NOTHING, kept(outputs))).not.toThrow();
    expect(judging(asking("GET", "/v1/summary"), summary, kept(summary, SECOND))).not.toThrow();
    expect(judging(asking("GET", "/v1/summary?fresh=1"), summary, { "cache-control": "no-store" })).not.toThrow();
  });

  it("refuses an answer to a POST that may be kept", () => {
    const body = encodeRequest(fuzzed.facts.chain, OUTPUTS_REQUEST);
    const post = { ...asking("POST", "/v1/request"), body };
    expect(judging(post, outputs, { "cache-control": "no-store" })).not.toThrow();
    expect(judging(post, outputs, kept(outputs))).toThrow(/POST may be kept/);
    expect(judging(post, outputs, { "cache-control": "no-store", etag: tagOf(outputs) })).toThrow(/no-store/);
  });

  it.each([
    ["/v1/summary?fresh=1", /fresh/],
    ["/v1/new/outputs/8/1", /getNewTransactionDataWithProof may be kept/],
    ["/v1/peers", /getPeers may be kept/],
  ])("refuses an answer to %s that may be kept", (target, problem) => {
    for (const cacheControl of [SECOND, IMMUTABLE]) {
      expect(judging(asking("GET", target), summary, kept(summary, cacheControl))).toThrow(problem);
      expect(judging(asking("HEAD", target), NOTHING, kept(summary, cacheControl))).toThrow(problem);
    }
  });

  it("refuses that what is about the head is kept for longer than a second", () => {
    expect(judging(asking("GET", "/v1/summary"), summary, kept(summary))).toThrow(/about the head/);
  });

  it("refuses an entity tag that is not the hash of the answer under its coding", () => {
    const get = asking("GET", OUTPUTS);
    const tagged = (etag: string, more: Record<string, string> = {}) => ({ "cache-control": IMMUTABLE, etag, ...more });
    expect(judging(get, outputs, tagged('"anything"'))).toThrow(/entity tag is "anything"/);
    expect(judging(get, outputs, tagged(`W/${tagOf(outputs)}`))).toThrow(/entity tag is W/);
    expect(judging(get, outputs, tagged(tagOf(summary)))).toThrow(/not the hash/);
    expect(judging(get, outputs, { "cache-control": IMMUTABLE })).toThrow(/entity tag is undefined/);
    expect(judging(get, gzipSync(outputs), tagged(tagOf(outputs), { "content-encoding": "gzip" }))).toThrow(
      /coding gzip/,
    );
  });

  it("refuses a 304 that nobody asked for, and data to who has it already", () => {
    const naming = (value: string, target = OUTPUTS) => asking("GET", target, [["if-none-match", value]]);
    const tag = tagOf(outputs);
    for (const value of ["*", tag, `"x", W/${tag}`]) {
      expect(judging(naming(value), NOTHING, kept(outputs), 304)).not.toThrow();
      expect(judging(naming(value), outputs, kept(outputs))).toThrow(/sent again/);
    }
    expect(judging(naming('"x"'), NOTHING, kept(outputs), 304)).toThrow(/does not name/);
    expect(judging(asking("GET", OUTPUTS), NOTHING, kept(outputs), 304)).toThrow(/does not name/);
    expect(judging(naming("*"), NOTHING, { "cache-control": IMMUTABLE }, 304)).toThrow(/304/);
    expect(judging(naming("*", `${OUTPUTS}?fresh=a`), NOTHING, kept(outputs), 304)).toThrow(/fresh/);
    expect(judging({ ...naming("*"), method: "POST" }, NOTHING, kept(outputs), 304)).toThrow(/POST may be kept/);
  });

  it("refuses errors and documents that may be kept", () => {
    const error = encodeError(fuzzed.facts.chain, new SyncError("INVALID_REQUEST", "Cannot read path"));
    const noStore = { "cache-control": "no-store" };
    expect(judging(asking("GET", "/v1/x"), error, noStore, 404)).not.toThrow();
    expect(judging(asking("GET", "/v1/x"), error, kept(error, SECOND), 404)).toThrow(/error \(404\) may be kept/);
    expect(judging(asking("GET", "/v1/x"), error, { ...noStore, etag: tagOf(error) }, 404)).toThrow(/may be kept/);
    const json = { "content-type": "application/json" };
    const health = new TextEncoder().encode("{}");
    expect(judging(asking("GET", "/healthz"), health, { ...json, ...noStore })).not.toThrow();
    for (const [coding, body] of [["gzip", gzipSync(health)], ["br", brotliCompressSync(health)]] as const) {
      const coded = { ...json, ...noStore, "content-encoding": coding };
      expect(judging(asking("GET", "/healthz"), body, coded)).not.toThrow();
      expect(judging(asking("GET", "/healthz"), health, coded)).toThrow();
    }
    const unknown = { ...json, ...noStore, "content-encoding": "x" };
    expect(judging(asking("GET", "/healthz"), health, unknown)).toThrow(/content coding x/);
    expect(judging(asking("GET", "/healthz"), health, { ...json, ...kept(health) })).toThrow(/may be kept/);
    expect(judging(asking("GET", "/v1/summary"), health, { ...json, ...noStore })).toThrow(/in answer to GET/);
  });
});
