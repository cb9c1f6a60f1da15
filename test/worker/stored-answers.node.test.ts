import { createHash } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeHex } from "../../core/bytes/hex.ts";
import { buildDevnetWorld, type DevnetWorld } from "../helpers/devnet-world.ts";
import { type SeededWorker, startSeededWorker } from "../helpers/seeded-worker.ts";

/** One epoch that holds an aligned block of versions whose outputs are large. */
const LARGE = { accounts: 40, transactionsPerBlock: 200, epochBlocks: 3, validators: 4 };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Uint8Array;
}

let world: DevnetWorld;
let seeded: SeededWorker;
/** A path whose answer is large and immutable, and its name in the bucket. */
let path: string;
let name: string;
/** What the Node server over the same ledger answers. */
let expected: Answer;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 4, parameters: LARGE });
  seeded = await startSeededWorker(world);
  const end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
  path = `/v1/outputs/256-511@${end}`;
  name = encodeHex(world.waypoint.value) + path;
  expected = await ask(path, { url: seeded.upstreamUrl });
  expect(expected.bytes.length).toBeGreaterThan(256 * 1024);
});

afterAll(() => seeded?.close());

// Copies in the edge cache outlive a test; under a host name of its own it finds none.
let hosts = 0;
let host: string;
beforeEach(async () => {
  host = `host${++hosts}.test`;
});

/** Asks under a host name, which `fetch` cannot set. */
function ask(
  target = path,
  options: { url?: string; host?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { url = seeded.worker.url, method = "GET" } = options;
  const headers = { ...options.headers, host: options.host ?? host ?? "localhost" };
  return new Promise((resolve, reject) => {
    const asking = request(url + target, { method, headers, agent: false }, async (response) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) });
    });
    asking.on("error", reject).end();
  });
}

/** The headers that the service decides. */
function ownHeaders({ headers }: Answer) {
  const names = ["cache-control", "content-type", "content-length", "etag", "vary"];
  return [...names, "access-control-allow-origin", "access-control-expose-headers"].map((key) => [key, headers[key]]);
}

/** As `toEqual`, which takes seconds for so many bytes. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Waits until the bucket holds the whole answer: it is stored after it was given. */
async function untilStored() {
  const bucket = await seeded.worker.bucket();
  for (let i = 0; i < 100; i++) {
    const object = await bucket.head(name);
    if (object?.size === expected.bytes.length && object.customMetadata?.["name"] === name) return object;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("The answer is not stored");
}

/** Puts `bytes` into the bucket as the Worker would, with what `changes` make of the record. */
async function plant(bytes: Uint8Array, changes: Record<string, string> = {}, withChecksum = true): Promise<void> {
  const sha256 = createHash("sha256").update(bytes).digest();
  const customMetadata = {
    name,
    etag: String(expected.headers["etag"]),
    size: String(bytes.length),
    sha256: sha256.toString("hex"),
    ...changes,
  };
  const options = { customMetadata, ...(withChecksum ? { sha256: sha256.toString("hex") } : {}) };
  await (await seeded.worker.bucket()).put(name, bytes, options);
}

describe("large immutable answers", () => {
  beforeEach(async () => await (await seeded.worker.bucket()).delete(name));

  it("are stored under chain and path, with their tag, their length and a checksum", async () => {
    const first = await ask();
    expect([first.status, ownHeaders(first)]).toEqual([200, ownHeaders(expected)]);
    expect(sameBytes(first.bytes, expected.bytes)).toBe(true);
    const { customMetadata, checksums } = await untilStored();
    const sha256 = createHash("sha256").update(expected.bytes).digest("hex");
    expect(customMetadata).toEqual({
      name,
      etag: expected.headers["etag"],
      size: String(expected.bytes.length),
      sha256,
    });
    expect(checksums.toJSON().sha256).toBe(sha256);
  });

  it("are read from the bucket, with the headers that the object gives", async () => {
    // No answer of any ledger: whoever gets it can only have it from the bucket.
    const planted = new Uint8Array(300_000).fill(7);
    await plant(planted);
    const { status, bytes, ...answer } = await ask();
    expect([status, sameBytes(bytes, planted)]).toEqual([200, true]);
    expect(ownHeaders({ status, bytes, ...answer })).toEqual(
      ownHeaders(expected).map(([key, value]) => [key, key === "content-length" ? "300000" : value]),
    );
    expect((await ask(path, { method: "HEAD", host: "head.test" })).headers["content-length"]).toBe("300000");
    const etag = String(expected.headers["etag"]);
    const known = await ask(path, { headers: { "if-none-match": etag }, host: "known.test" });
    expect([known.status, known.bytes.length, known.headers["etag"]]).toEqual([304, 0, etag]);
    expect(sameBytes((await ask(`${path}?fresh=1`)).bytes, expected.bytes)).toBe(true);
  });

  it("go from the bucket into the edge cache", async () => {
    await plant(new Uint8Array(300_000).fill(7));
    await ask();
    for (let i = 0; (await ask()).headers["cf-cache-status"] !== "HIT"; i++) expect(i).toBeLessThan(100);
    expect((await ask()).bytes[0]).toBe(7);
  });

  it("that are not what was recorded are refused, answered by the object and replaced", async () => {
    const forged = Uint8Array.from(expected.bytes, (byte, i) => i === 1_000 ? byte ^ 1 : byte);
    const other = "0".repeat(64);
    const plants: [what: string, plant: () => Promise<void>][] = [
      ["truncated", () => plant(expected.bytes.subarray(0, 270_000), { size: String(expected.bytes.length) })],
      ["longer than recorded", () => plant(expected.bytes, { size: "300000" })],
      ["changed, with the old record", async () => {
        const sha256 = createHash("sha256").update(expected.bytes).digest("hex");
        await plant(forged, { sha256 });
      }],
      ["without a checksum", () => plant(forged, {}, false)],
      ["without a record", async () => {
        await (await seeded.worker.bucket()).put(name, forged);
      }],
      ["of another path", () => plant(forged, { name: name.replace("256-511", "0-255") })],
      ["of another chain", () => plant(forged, { name: other + path })],
      ["without a tag", () => plant(forged, { etag: "" })],
      ["with a tag that is none", () => plant(forged, { etag: '"a"' })],
      ["empty", () => plant(new Uint8Array(0))],
    ];
    for (const [what, act] of plants) {
      await (await seeded.worker.bucket()).delete(name);
      await act();
      const answer = await ask(path, { host: `${what.replaceAll(/\W/g, "-")}.test` });
      expect([what, answer.status]).toEqual([what, 200]);
      expect(sameBytes(answer.bytes, expected.bytes)).toBe(true);
      const object = await untilStored();
      expect([what, object.customMetadata?.["etag"]]).toEqual([what, expected.headers["etag"]]);
    }
    expect(seeded.worker.logLines.filter((line) => line.includes("Cannot serve stored answer"))).toHaveLength(
      plants.length,
    );
  });

  it("are not stored where they are small, about the head or asked for fresh", async () => {
    const bucket = await seeded.worker.bucket();
    const head = (await world.ledger.progress()).committedVersion;
    const others = [
      `/v1/outputs/256-511@${head}`,
      path.replace("256-511", "32-47"),
      "/v1/epochs/0-1",
      `${path}?fresh=1`,
    ];
    for (const other of others) expect([other, (await ask(other)).status]).toEqual([other, 200]);
    await ask();
    await untilStored();
    const { objects } = await bucket.list();
    expect(objects.map(({ key }) => key)).toEqual([name]);
  });
});

describe("without a bucket and a dataset", () => {
  it("everything is answered by the object, and the edge cache", async () => {
    await seeded.restart({ bare: true });
    const first = await ask();
    expect([first.status, ownHeaders(first)]).toEqual([200, ownHeaders(expected)]);
    expect(sameBytes(first.bytes, expected.bytes)).toBe(true);
    for (let i = 0; (await ask()).headers["cf-cache-status"] !== "HIT"; i++) expect(i).toBeLessThan(100);
    expect((await ask("/v1/summary")).status).toBe(200);
  });
});
