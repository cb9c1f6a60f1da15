import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeRequest } from "../../core/wire/request.ts";
import { buildDevnetWorld, type DevnetWorld } from "../helpers/devnet-world.ts";
import { type SeededWorker, startSeededWorker } from "../helpers/seeded-worker.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";

let world: DevnetWorld;
let seeded: SeededWorker;
let end: bigint;
let head: bigint;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 8 });
  seeded = await startSeededWorker(world);
  end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
  head = (await world.ledger.progress()).committedVersion ?? 0n;
});

afterAll(() => seeded?.close());

// Copies live as long as the process of the runtime and the directory of its storage: each test has URLs of its own.
let unused = 0;
beforeEach(() => unused++);

/** An immutable path that no other test asks for. */
function immutablePath(): string {
  return `/v1/state/${end}/${String(unused).padStart(64, "0")}@${end}`;
}

async function ask(path: string, init?: RequestInit): Promise<{ response: Response; body: Uint8Array }> {
  const response = await fetch(seeded.worker.url + path, init);
  return { response, body: new Uint8Array(await response.arrayBuffer()) };
}

/** Asks until the answer comes from the edge cache: a copy is kept after the answer was given. */
async function askUntilKept(path: string): Promise<{ response: Response; body: Uint8Array }> {
  for (let i = 0; i < 50; i++) {
    const answer = await ask(path);
    if (isHit(answer.response)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`No copy of ${path} is kept`);
}

function isHit({ headers }: Response): boolean {
  return headers.get("cf-cache-status") === "HIT";
}

/** Whether the answer comes from the edge cache, after time enough for a copy to be kept. */
async function isKept(path: string, init?: RequestInit): Promise<boolean> {
  for (let i = 0; i < 10; i++) {
    if (isHit((await ask(path, init)).response)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

/** The headers that the service decides. */
function ownHeaders({ headers }: Response): Record<string, string | null> {
  const names = ["cache-control", "content-type", "etag", "vary", "access-control-allow-origin"];
  return Object.fromEntries(names.map((name) => [name, headers.get(name)]));
}

describe("the edge cache", () => {
  it.each(["immutable", "minute", "second"])(
    "answers the second request for an answer of lifetime %s",
    async (lifetime) => {
      const path = { immutable: immutablePath(), minute: `/v1/outputs/2-3@${head}`, second: "/v1/summary" }[lifetime] ??
        "";
      const first = await ask(path);
      expect([first.response.status, isHit(first.response)]).toEqual([200, false]);
      const second = await askUntilKept(path);
      expect(second.body).toEqual(first.body);
      expect(ownHeaders(second.response)).toEqual(ownHeaders(first.response));
      expect(second.response.headers.get("content-length")).toBe(String(first.body.length));
    },
  );

  it("keeps an answer about the head for its second and no longer", async () => {
    await askUntilKept("/v1/ledger-info/latest");
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(isHit((await ask("/v1/ledger-info/latest")).response)).toBe(false);
  });

  it("answers HEAD from a copy, without a body", async () => {
    const path = immutablePath();
    const whole = await askUntilKept(path);
    const { response, body } = await ask(path, { method: "HEAD" });
    expect([response.status, isHit(response), body.length]).toEqual([200, true, 0]);
    expect(response.headers.get("content-length")).toBe(String(whole.body.length));
    expect(ownHeaders(response)).toEqual(ownHeaders(whole.response));
  });

  it("keeps the whole answer where the first request is a HEAD or conditional", async () => {
    for (const [i, init] of [{ method: "HEAD" }, { headers: { "if-none-match": "*" } }].entries()) {
      unused += 1_000 * (i + 1);
      const path = immutablePath();
      const first = await ask(path, init);
      expect([first.response.status, first.body.length]).toEqual([i === 0 ? 200 : 304, 0]);
      expect((await askUntilKept(path)).body.length).toBeGreaterThan(100);
    }
  });

  it("answers If-None-Match from a copy, as the object does", async () => {
    const path = immutablePath();
    const { headers } = (await askUntilKept(path)).response;
    const etag = headers.get("etag") ?? "";
    for (
      const [tag, status] of [[etag, 304], [`W/${etag}`, 304], [`"x", ${etag}`, 304], ["*", 304], ['"x"', 200]] as const
    ) {
      const { response, body } = await ask(path, { headers: { "if-none-match": tag } });
      expect([tag, response.status, isHit(response)]).toEqual([tag, status, true]);
      expect(body.length > 0).toBe(status === 200);
      expect(response.headers.get("etag")).toBe(etag);
      expect(response.headers.get("cache-control")).toBe(IMMUTABLE);
    }
  });

  it("is passed by, and not filled, where a client asks for a fresh answer", async () => {
    const path = immutablePath();
    for (let i = 0; i < 5; i++) {
      const { response } = await ask(`${path}?fresh=once`);
      expect([response.status, isHit(response)]).toEqual([200, false]);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
    expect(isHit((await ask(path)).response)).toBe(false);
    await askUntilKept(path);
    expect(isHit((await ask(`${path}?fresh=again`)).response)).toBe(false);
  });

  it.each(["/v1/outputs/9-3@5", "/v1/nothing", `/v1/epochs/9999-9999`, "/v1/state/latest/zz", "/v1/peers", "/healthz"])(
    "never keeps the answer to %s",
    async (path) => expect(await isKept(path)).toBe(false),
  );

  it("never keeps an answer to a POST", async () => {
    const body = encodeRequest(world.waypoint.value, { kind: "getStorageServerSummary" }) as Uint8Array<ArrayBuffer>;
    expect(await isKept("/v1/request", { method: "POST", body })).toBe(false);
    expect((await ask("/v1/request", { method: "POST", body })).response.status).toBe(200);
  });

  it("does not serve one URL's copy under another", async () => {
    const path = immutablePath();
    await askUntilKept(path);
    for (const other of [`${path}?`, path.replace("/v1/", "/v1//"), `${path}/`, path.toUpperCase()]) {
      const { response } = await ask(other);
      expect([other, isHit(response), response.status]).toEqual([other, false, response.status === 404 ? 404 : 400]);
    }
  });
});

describe("the front", () => {
  it("tells the object the address that the platform tells, whatever a client claims", async () => {
    const claims = { "velor-client-address": "203.0.113.9", "if-none-match": '"x"' };
    const headers = JSON.parse(new TextDecoder().decode((await ask("/probe/headers", { headers: claims })).body));
    expect(headers["velor-client-address"]).toBe("127.0.0.1");
    const whole = JSON.parse(new TextDecoder().decode((await ask("/v1/probe/headers", { headers: claims })).body));
    expect(whole).toEqual({ "velor-client-address": "127.0.0.1" });
  });

  it("tells no address where the request is of a Worker, which shares its own with all others", async () => {
    const addressOf = async (path: string, address: string) => {
      // Locally, the header that Cloudflare's edge writes is believed, as it is there. Anybody may claim to be a Worker.
      const headers = { "cf-connecting-ip": address, "cf-worker": "mirror.example" };
      return JSON.parse(new TextDecoder().decode((await ask(path, { headers })).body))["velor-client-address"];
    };
    for (const path of ["/probe/headers", "/v1/probe/headers"]) {
      expect(await addressOf(path, "2a06:98c0:3600::103")).toBeUndefined();
      for (const own of ["203.0.113.7", "2a06:98c0:3601::103"]) expect(await addressOf(path, own)).toBe(own);
    }
  });

  it("lets no Worker have another one ignored", async () => {
    await seeded.restart({ STORAGE_SERVICE: { maxInvalidRequestsPerPeer: 2 } });
    const statusesOf = async (path: string, address: string) => {
      const statuses: number[] = [];
      for (let i = 0; i < 4; i++) {
        statuses.push((await ask(path, { headers: { "cf-connecting-ip": address } })).response.status);
      }
      return statuses;
    };
    expect(await statusesOf("/v1/outputs/9-3@5", "203.0.113.7")).toContain(429);
    expect(await statusesOf("/v1/peers", "203.0.113.7")).toContain(429);
    expect(await statusesOf("/v1/outputs/9-3@5", "2a06:98c0:3600::103")).toEqual([400, 400, 400, 400]);
    expect(await statusesOf("/v1/peers", "2a06:98c0:3600::103")).toEqual([200, 200, 200, 200]);
  });
});
