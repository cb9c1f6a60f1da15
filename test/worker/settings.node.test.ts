import { afterEach, describe, expect, it } from "vitest";
import { decodeResponse } from "../../core/wire/response.ts";
import { type DeployedWorker, type DeployedWorkerOptions, startDeployedWorker } from "../helpers/deployed-worker.ts";

const WAYPOINT = `0:${"1f".repeat(32)}`;

let worker: DeployedWorker | undefined;

afterEach(async () => {
  await worker?.close();
  worker = undefined;
});

/** Starts a Worker over an empty ledger. */
async function start(options: Partial<DeployedWorkerOptions>): Promise<DeployedWorker> {
  worker = await startDeployedWorker({ WAYPOINT, UPSTREAM: "", ...options });
  return worker;
}

/** Asks with each of the headers, all at once. */
function statusesOf(path: string, headers: readonly Record<string, string>[]): Promise<number[]> {
  return Promise.all(headers.map(async (own) => {
    const response = await fetch(`${worker?.url}${path}`, { headers: own });
    await response.arrayBuffer();
    return response.status;
  }));
}

describe("settings of the Worker", () => {
  it("limit requests by the address that the platform tells, whatever a client claims", async () => {
    await start({ STORAGE_SERVICE: { maxRequestsPerSecondPerPeer: 1 } });
    const claims = ["velor-client-address", "x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip"];
    const statuses = await statusesOf("/v1/peers", [{}, ...claims.map((name, i) => ({ [name]: `203.0.113.${i}` }))]);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(claims.length - 1);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    // Locally, the header that Cloudflare's edge writes is believed, as it is there.
    expect(await statusesOf("/v1/peers", [{ "cf-connecting-ip": "203.0.113.7" }])).toEqual([200]);
  });

  it("do not limit clients that the operator trusts", async () => {
    await start({ STORAGE_SERVICE: { maxRequestsPerSecondPerPeer: 1 }, TRUSTED_PEERS: "192.0.2.1 127.0.0.0/8" });
    expect(new Set(await statusesOf("/v1/peers", Array.from({ length: 8 }, () => ({}))))).toEqual(new Set([200]));
  });

  it("name peers to clients, and switch off what the operator does not serve", async () => {
    const { url } = await start({
      PEERS: "https://a.example https://b.example/sync",
      STORAGE_SERVICE: { enableTransactionDataV2: false },
    });
    const answerTo = async (path: string) => {
      const bytes = new Uint8Array(await (await fetch(url + path)).arrayBuffer());
      return decodeResponse(bytes, { maxBytes: 10_000 });
    };
    const { response } = await answerTo("/v1/peers");
    expect(response).toEqual({ kind: "peers", urls: ["https://a.example", "https://b.example/sync"] });
    expect((await answerTo("/v1/new/outputs/0/0")).error?.message).toContain("V2 requests are switched off");
  });

  it.each<[what: string, options: Partial<DeployedWorkerOptions>, reason: string]>([
    ["no waypoint", { WAYPOINT: "0:12" }, "Cannot read waypoint"],
    ["an unknown profile", { PROFILE: "diem" }, "diem"],
    ["an address that is none", { TRUSTED_PEERS: "10.0.0.0/8 localhost" }, "localhost"],
    ["an unknown number", { STORAGE_SERVICE: { maxLruCacheByte: 1 } }, "maxLruCacheByte"],
    ["what is no switch", { STORAGE_SERVICE: { enableTransactionDataV2: "no" } }, "enableTransactionDataV2 = no"],
    ["more peers than a list holds", { PEERS: "https://a.example ".repeat(65) }, "peers"],
    ["a number out of its range", { STORAGE_SERVICE: { maxNetworkChannelSize: 0 } }, "maxNetworkChannelSize"],
  ])("are refused with %s: 503, and the reason in the log", async (_, options, reason) => {
    const { url, logLines } = await start(options);
    const response = await fetch(`${url}/v1/summary`);
    expect(response.status).toBe(503);
    const { error } = decodeResponse(new Uint8Array(await response.arrayBuffer()), { maxBytes: 1_000 });
    // Why is the operator's business alone.
    expect(error?.message).toBe("Cannot answer: the ledger cannot be opened");
    expect(logLines.filter((line) => line.includes("Cannot open ledger") && line.includes(reason))).toHaveLength(1);
  });

  it("decide whether metrics are written: from the front and from the object, summed up", async () => {
    await start({});
    const sums: Record<string, number> = {};
    const object = "velor_storage_service_requests_received public get_peers";
    const front = "velor_storage_service_edge_answers object";
    let asked = 0;
    // The front writes with a request after ten seconds, the object by its alarm after as long.
    while ((sums[object] ?? 0) < 3 || (sums[front] ?? 0) < 3) {
      asked += (await statusesOf("/v1/peers", [{}])).length;
      const points = await pointsOf(worker?.url ?? "");
      if (asked <= 3) expect(points).toEqual([]);
      for (const { blobs, doubles } of points) {
        const series = blobs.join(" ");
        sums[series] = (sums[series] ?? 0) + (doubles[0] ?? 0);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(sums[object]).toBeLessThanOrEqual(asked);
    expect(sums[front]).toBeLessThanOrEqual(asked);
  });
});

interface Point {
  readonly blobs: readonly string[];
  readonly doubles: readonly number[];
}

async function pointsOf(url: string): Promise<Point[]> {
  return await (await fetch(`${url}/probe/points`)).json() as Point[];
}
