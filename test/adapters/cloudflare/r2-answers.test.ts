import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { createR2Answers, MIN_STORED_BYTES, type R2Answers } from "../../../adapters/cloudflare/r2-answers.ts";
import { entityTag } from "../../../adapters/http/entity-tag.ts";
import { createNobleHasher } from "../../../core/chain/noble-hasher.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import type { Metrics } from "../../../core/ports/metrics.ts";

const BUCKET = (env as unknown as { BUCKET: R2Bucket }).BUCKET;
const CHAIN = new Uint8Array(32).fill(0xab);
const PATH = "/v1/outputs/0-63@100";
const NAME = `${"ab".repeat(32)}${PATH}`;
const BYTES = Uint8Array.from({ length: MIN_STORED_BYTES }, (_, i) => i % 251);

const hasher = createNobleHasher();
const sha3 = (bytes: Uint8Array) => hasher.hash(new Uint8Array(0), bytes);
const ETAG = entityTag(sha3(BYTES));

let events: string[];
let answers: R2Answers;

beforeEach(async () => {
  for (const { key } of (await BUCKET.list()).objects) await BUCKET.delete(key);
  events = [];
  const metrics: Metrics = {
    increment: (metric, labels) => events.push([metric.name, ...labels].join(" ")),
    set() {},
    observe() {},
  };
  answers = createR2Answers({ bucket: BUCKET, chain: CHAIN, sha3, log: SILENT_LOG, metrics });
});

describe("answers in R2", () => {
  it("come back as they were stored, under the chain's name", async () => {
    expect(await answers.get(PATH)).toBeUndefined();
    await answers.put(PATH, { bytes: BYTES, etag: ETAG });
    const stored = await answers.get(PATH);
    expect(stored).toMatchObject({ etag: ETAG, sizeBytes: BYTES.length });
    expect(new Uint8Array(await new Response(stored?.body ?? null).arrayBuffer())).toEqual(BYTES);
    expect((await BUCKET.list()).objects.map(({ key }) => key)).toEqual([NAME]);
    expect(events).toEqual(["miss", "stored", "hit"].map((event) => `edge_stored_answer_event ${event}`));
  });

  it("are refused before they are stored, if their tag is not that of the bytes", async () => {
    for (const etag of [entityTag(sha3(BYTES.subarray(1))), `W/${ETAG}`, entityTag(sha3(BYTES), "gzip"), ""]) {
      await expect(answers.put(PATH, { bytes: BYTES, etag })).rejects.toMatchObject({ code: "RESPONSE_MISMATCH" });
    }
    expect((await BUCKET.list()).objects).toEqual([]);
  });

  it("are those of one chain", async () => {
    await answers.put(PATH, { bytes: BYTES, etag: ETAG });
    const others = createR2Answers({ bucket: BUCKET, chain: new Uint8Array(32), sha3, log: SILENT_LOG });
    expect(await others.get(PATH)).toBeUndefined();
  });

  it("are stored once, however many were asked to at the same time, and again after a failure", async () => {
    let puts = 0;
    let fails = true;
    const bucket = {
      get: (name: string) => BUCKET.get(name),
      put: (name: string, bytes: Uint8Array<ArrayBuffer>, options: R2PutOptions) => {
        puts++;
        return fails ? Promise.reject(new Error("bucket is down")) : BUCKET.put(name, bytes, options);
      },
    };
    const failing = createR2Answers({ bucket, chain: CHAIN, sha3, log: SILENT_LOG });
    await expect(failing.put(PATH, { bytes: BYTES, etag: ETAG })).rejects.toThrow("bucket is down");
    fails = false;
    await Promise.all([1, 2, 3].map(() => failing.put(PATH, { bytes: BYTES, etag: ETAG })));
    expect(puts).toBe(2);
    expect(await failing.get(PATH)).toMatchObject({ etag: ETAG });
  });
});
