import { describe, expect, it } from "vitest";
import { DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "../../core/storage-service/config.ts";
import { type Env, settingsOf } from "../../worker/env.ts";

/** What an isolate has; a Durable Object shares it with the front that runs beside it. */
const ISOLATE_BYTES = 128 * 1024 * 1024;

function storageServiceOf(env: Partial<Env> = {}): StorageServiceConfig {
  const required = { PROFILE: "velor", WAYPOINT: `0:${"1f".repeat(32)}`, UPSTREAM: "" };
  return { ...DEFAULT_STORAGE_SERVICE_CONFIG, ...settingsOf({ ...required, ...env }).storageService };
}

describe("settings of the storage service at the edge", () => {
  it.each<[name: keyof StorageServiceConfig, most: number]>([
    ["maxLruCacheBytes", ISOLATE_BYTES / 8],
    ["maxNetworkChunkBytesV2", ISOLATE_BYTES / 32],
    ["maxAnswerBytesInFlight", ISOLATE_BYTES / 4],
    // Of 512 bytes each, beside the answers (test/bench/README.md).
    ["maxLruCacheSize", ISOLATE_BYTES / 16 / 512],
    // Requests at a time.
    ["maxNetworkChannelSize", 1_000],
    ["maxActiveOptimisticFetches", 2_000],
    ["maxActiveStreams", 500],
  ])("keep %s to what an isolate has room for, unlike a server's", (name, most) => {
    expect(storageServiceOf()[name]).toBeLessThanOrEqual(most);
    expect(DEFAULT_STORAGE_SERVICE_CONFIG[name]).toBeGreaterThan(most);
  });

  it("are those that the operator writes down, numbers and a switch", () => {
    const STORAGE_SERVICE = { maxLruCacheBytes: 1, maxRequestsPerSecondPerPeer: 50, enableTransactionDataV2: false };
    const { maxLruCacheSize } = storageServiceOf();
    expect(storageServiceOf({ STORAGE_SERVICE })).toMatchObject({ ...STORAGE_SERVICE, maxLruCacheSize });
  });

  it("name the peers that the operator lists", () => {
    expect(storageServiceOf().peers).toEqual([]);
    expect(storageServiceOf({ PEERS: " https://a.example  https://b.example/sync " }).peers).toEqual([
      "https://a.example",
      "https://b.example/sync",
    ]);
  });

  it.each(["example.com", "ftp://a.example", "https://a.example?x", "https://me@a.example"])(
    "refuse %s as a peer, to sync from or to tell of",
    (url) => {
      for (const name of ["PEERS", "UPSTREAM"]) {
        expect(() => storageServiceOf({ [name]: `https://a.example ${url}` })).toThrow(
          new RegExp(`^Cannot use settings: word 2 of ${name} must be an? .*URL without [a-z ]+$`),
        );
      }
    },
  );

  it.each<[name: string, value: unknown]>([
    ["maxLruCacheBytes", true],
    ["enableTransactionDataV2", 1],
    ["enableTransactionDataV2", "false"],
    ["peers", ["https://a.example"]],
    ["toString", 1],
    ["maxLruCacheByte", 1],
  ])("are refused where %s is %j", (name, value) => {
    expect(() => storageServiceOf({ STORAGE_SERVICE: { [name]: value } })).toThrow(`not ${name} = ${value}`);
  });
});
