import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readConfigFile } from "../../../adapters/cli/config-file.ts";
import { NUMBER_DEFAULTS, NUMBER_RANGES } from "../../../adapters/cli/serve-settings.ts";
import { isSyncError } from "../../../core/errors.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG } from "../../../core/storage-service/config.ts";
import { scratchFolder } from "../../helpers/velor-sync-process.ts";

const scratch = scratchFolder();
const file = scratch.path("serve.json");

afterAll(() => scratch.remove());

function write(content: unknown): string {
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

/** What is said of a file that is refused, without the part that all have in common. */
async function complaint(content: unknown): Promise<string> {
  const error: unknown = await readConfigFile(write(content)).catch((reason: unknown) => reason);
  if (!isSyncError(error, "INVALID_ARGUMENT")) throw new Error(`the file was not refused: ${error}`);
  const start = `Cannot use config ${file}: `;
  expect(error.message.startsWith(start)).toBe(true);
  return error.message.slice(start.length);
}

describe("a config file", () => {
  it("sets what it names and nothing else", async () => {
    expect(await readConfigFile(write({}))).toEqual({});
    const settings = {
      trustedProxies: ["10.0.0.0/8", "::1"],
      clientAddressHeader: "X-Forwarded-For",
      allow: ["192.0.2.1"],
      peers: ["https://one.example/", "http://two.example:8080/base"],
      enableTransactionDataV2: false,
      compression: false,
      maxLruCacheBytes: 0,
      maxRequestsPerSecondPerPeer: 100,
    };
    expect(await readConfigFile(write({ ...settings, listen: "[::1]:80", metricsListen: "9090" }))).toEqual({
      ...settings,
      peers: ["https://one.example", "http://two.example:8080/base"],
      listen: { hostname: "::1", port: 80 },
      metricsListen: { hostname: "127.0.0.1", port: 9090 },
    });
  });

  it("in the README is taken as it stands there", async () => {
    const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
    const [, example] = /```json\n([^`]+)```/.exec(readme) ?? [];
    expect(Object.keys(await readConfigFile(write(example)))).toContain("trustedProxies");
  });

  it("names files beside itself", async () => {
    expect(await readConfigFile(write({ store: "chain", requestLog: "/var/log/requests" }))).toEqual({
      store: join(file, "..", "chain"),
      requestLog: "/var/log/requests",
    });
  });

  it("takes every number of the storage service at both ends of its range, and none beyond", async () => {
    for (const [name, { lowest, highest }] of Object.entries(NUMBER_RANGES)) {
      for (const value of [lowest, highest]) {
        expect(await readConfigFile(write({ [name]: value }))).toEqual({ [name]: value });
      }
      for (const value of [lowest - 1, highest + 1, lowest + 0.5, String(lowest), null, true]) {
        const limit = `a whole number from ${lowest} to ${highest}`;
        expect(await complaint({ [name]: value })).toBe(
          `${name} is ${limit}, current value is ${JSON.stringify(value)}`,
        );
      }
    }
  });

  it("has a range and a default that fit for every setting of the storage service", () => {
    for (const name of Object.keys(DEFAULT_STORAGE_SERVICE_CONFIG)) {
      if (name === "peers" || name === "enableTransactionDataV2") continue;
      expect(NUMBER_RANGES).toHaveProperty(name);
    }
    for (const [name, value] of Object.entries(NUMBER_DEFAULTS)) {
      const range = NUMBER_RANGES[name as keyof typeof NUMBER_RANGES];
      if (range === undefined) continue;
      expect(value).toBeGreaterThanOrEqual(range.lowest);
      expect(value).toBeLessThanOrEqual(range.highest);
    }
  });

  const wrong: [content: unknown, complaint: string][] = [
    [{ listen: "localhost" }, 'listen is HOST:PORT with a port from 0 to 65535, current value is "localhost"'],
    [{ listen: 8080 }, "listen is a string, current value is 8080"],
    [{ store: "" }, 'store is a path, current value is ""'],
    [{ allow: "10.0.0.0/8" }, 'allow is a list of addresses and CIDR ranges, current value is "10.0.0.0/8"'],
    [
      { allow: ["10.0.0.0/8", "10.0.0.0/33"] },
      'allow.1 is an address or a CIDR range such as 10.0.0.0/8, current value is "10.0.0.0/33"',
    ],
    [
      { clientAddressHeader: "X Forwarded" },
      'clientAddressHeader is the name of a header such as X-Forwarded-For, current value is "X Forwarded"',
    ],
    [
      { clientAddressHeader: "Forwarded" },
      "clientAddressHeader is a header of bare addresses such as X-Forwarded-For, not one of RFC 7239, " +
      'current value is "Forwarded"',
    ],
    [
      { peers: ["ftp://one.example"] },
      'peers.0 is an http or https URL without query and fragment, current value is "ftp://one.example"',
    ],
    [
      { peers: ["https://one.example", "http://user:secret@two.example/a"] },
      'peers.1 is a URL without user name and password, current value is "http://…@two.example/a"',
    ],
    [{ enableTransactionDataV2: "yes" }, 'enableTransactionDataV2 is true or false, current value is "yes"'],
    [
      { maxActiveStreams: -1, maxLruCacheSize: "big" },
      'maxLruCacheSize is a whole number from 0 to 10000000, current value is "big"; ' +
      "maxActiveStreams is a whole number from 0 to 100000, current value is -1",
    ],
    [[], "the file is an object of settings, current value is []"],
    [null, "the file is an object of settings, current value is null"],
  ];
  it.each(wrong)("%j is refused by key, limit and value", async (content, expected) => {
    expect(await complaint(content)).toBe(expected);
  });

  it("cuts a value that would fill the screen", async () => {
    expect((await complaint({ listen: "x".repeat(10_000) })).length).toBeLessThan(200);
    expect((await complaint({ ["x".repeat(10_000)]: 1 })).length).toBeLessThan(200);
  });
});

describe("a name in a config file", () => {
  const names: [key: string, complaint: string][] = [
    ["maxStateChunkSzie", "maxStateChunkSzie is no setting, the nearest is maxStateChunkSize"],
    ["MaxStateChunkSize", "MaxStateChunkSize is no setting, the nearest is maxStateChunkSize"],
    ["max_state_chunk_size", "max_state_chunk_size is written maxStateChunkSize here"],
    ["max_network_chunk_bytes_v2", "max_network_chunk_bytes_v2 is written maxNetworkChunkBytesV2 here"],
    ["max_state_chunk_sizes", "max_state_chunk_sizes is no setting, the nearest is maxStateChunkSize"],
    [
      "enable_size_and_time_aware_chunking",
      "enable_size_and_time_aware_chunking is written enableSizeAndTimeAwareChunking here",
    ],
    ["trustedProxy", "trustedProxy is no setting, the nearest is trustedProxies"],
    ["alow", "alow is no setting, the nearest is allow"],
  ];
  it.each(names)("%s is refused", async (key, expected) => {
    expect(await complaint(`{ ${JSON.stringify(key)}: 1 }`)).toBe(expected);
  });

  it("is refused with all others that are unknown, and with values that are wrong", async () => {
    expect(await complaint({ maxStateChunkSzie: 1, alow: [], maxLruCacheSize: "big", listen: "80" })).toBe(
      "maxStateChunkSzie is no setting, the nearest is maxStateChunkSize; " +
        "alow is no setting, the nearest is allow; " +
        'maxLruCacheSize is a whole number from 0 to 10000000, current value is "big"',
    );
  });

  it.each(["colour", "constructor", "toString", "__proto__"])(
    "%s is refused, however far it is from any",
    async (key) => {
      expect(await complaint(`{ "${key}": 1 }`)).toMatch(
        new RegExp(`^${key} is no setting, the nearest is [a-zA-Z]+$`),
      );
    },
  );

  it("of the reference without a meaning here is taken with the only value that is true", async () => {
    expect(await readConfigFile(write({ enableSizeAndTimeAwareChunking: true }))).toEqual({});
    expect(await complaint({ enableSizeAndTimeAwareChunking: false })).toBe(
      "enableSizeAndTimeAwareChunking is true, since answers are always cut by size and time here, current value is false",
    );
  });
});

describe("a file that is no config", () => {
  it.each(["", "{", "{'listen': 80}", "{} {}"])("%j is refused as no JSON", async (text) => {
    expect(await complaint(text)).toMatch(/^it is no JSON: /);
  });

  it("that is missing or no file is refused by its name", async () => {
    for (const path of [scratch.path("missing.json"), scratch.path(".")]) {
      await expect(readConfigFile(path)).rejects.toSatisfy((error) =>
        isSyncError(error, "INVALID_ARGUMENT") && error.message.startsWith(`Cannot read ${path}: `)
      );
    }
  });

  it("may begin with a byte order mark, and must be UTF-8", async () => {
    expect(await readConfigFile(write('\ufeff{"listen":"80"}'))).toHaveProperty("listen");
    writeFileSync(file, Uint8Array.of(0x22, 0xff, 0x22));
    await expect(readConfigFile(file)).rejects.toSatisfy((error) => isSyncError(error, "INVALID_ARGUMENT"));
  });
});
