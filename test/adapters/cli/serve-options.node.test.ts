import { writeFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { afterAll, describe, expect, it } from "vitest";
import {
  addServeFlags,
  type CompleteSettings,
  type ServeFlags,
  serveSettings,
  servingOptionsOf,
} from "../../../adapters/cli/serve-options.ts";
import { isSyncError } from "../../../core/errors.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG } from "../../../core/storage-service/config.ts";
import { scratchFolder } from "../../helpers/velor-sync-process.ts";

const BOTH = ["--store", "chain", "--listen", "8080"];
const scratch = scratchFolder();

afterAll(() => scratch.remove());

/** The settings that a command line gives. */
async function settingsOf(args: readonly string[]): Promise<CompleteSettings> {
  let flags: ServeFlags = {};
  const command = new Command("serve").option("--store <dir>").exitOverride().configureOutput({ writeErr: () => {} });
  addServeFlags(command).action((given: ServeFlags) => {
    flags = given;
  });
  await command.parseAsync([...args], { from: "user" });
  return await serveSettings(flags);
}

/** What is said of a command line that is wrong: its usage, or what its values mean together. */
async function complaint(args: readonly string[]): Promise<string> {
  const error: unknown = await settingsOf(args).catch((reason: unknown) => reason);
  if (error instanceof CommanderError) return `usage: ${error.message}`;
  if (isSyncError(error, "INVALID_ARGUMENT")) return error.message;
  throw new Error(`not refused: ${error}`);
}

function configFile(settings: object): string {
  const path = scratch.path("serve.json");
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

describe("the flags of a server", () => {
  it("set what they name and nothing else", async () => {
    const listen = { hostname: "127.0.0.1", port: 8080 };
    expect(await settingsOf(BOTH)).toEqual({ store: "chain", listen });
    const flags = [
      ...["--metrics-listen", "[::1]:9090", "--request-log", "requests.log", "--max-lru-cache-bytes", "0"],
      ...["--peer-list", "https://one.example", "http://two.example/", "--peer-list", "https://three.example"],
      ...["--trusted-proxy", "10.0.0.0/8", "::1", "--client-address-header", "Forwarded-For", "--allow", "192.0.2.1"],
    ];
    expect(await settingsOf([...BOTH, ...flags])).toEqual({
      store: "chain",
      listen,
      metricsListen: { hostname: "::1", port: 9090 },
      requestLog: "requests.log",
      maxLruCacheBytes: 0,
      peers: ["https://one.example", "http://two.example", "https://three.example"],
      trustedProxies: ["10.0.0.0/8", "::1"],
      clientAddressHeader: "Forwarded-For",
      allow: ["192.0.2.1"],
    });
  });

  it("win over the file, setting by setting", async () => {
    const file = configFile({ store: "/chain", listen: "80", maxActiveStreams: 1, maxConnections: 5, allow: ["::1"] });
    expect(await settingsOf(["--config", file])).toMatchObject({ store: "/chain", maxActiveStreams: 1 });
    expect(await settingsOf(["--config", file, "--store", "here", "--max-active-streams", "7"])).toEqual({
      store: "here",
      listen: { hostname: "127.0.0.1", port: 80 },
      maxActiveStreams: 7,
      maxConnections: 5,
      allow: ["::1"],
    });
  });

  it("name their defaults in the help", () => {
    const help = addServeFlags(new Command("serve")).configureHelp({ helpWidth: 400 }).helpInformation();
    const names = [
      ...["maxActiveStreams", "maxSubscriptionPeriodMs", "maxLruCacheBytes"] as const,
      "maxActiveOptimisticFetchesPerPeer",
    ] as const;
    for (const name of names) {
      expect(help).toContain(`(default: ${DEFAULT_STORAGE_SERVICE_CONFIG[name]})`);
    }
    expect(help).toContain("(default: not limited)");
    for (const heading of ["Serving:", "Who asks:", "Limits:"]) expect(help).toContain(heading);
  });

  const wrong: [what: string, args: string[], message: string][] = [
    ["no store", ["--listen", "0"], "usage: error: required option '--store <dir>' not specified"],
    ["no address", ["--store", "x"], "usage: error: required option '--listen <host:port>' not specified"],
    ["a port that is none", ["--listen", "70000"], "It must be HOST:PORT with a port from 0 to 65535."],
    ["a limit out of its range", ["--max-connections", "0"], "It must be a whole number from 1 to 1000000."],
    ["a limit that is no number", ["--max-active-streams", "1e3"], "It must be a whole number from 0 to 100000."],
    ["a range that is none", ["--allow", "10.0.0.0/33"], "It must be an address or a CIDR range such as 10.0.0.0/8."],
    [
      "a proxy by its name",
      ["--trusted-proxy", "localhost"],
      "It must be an address or a CIDR range such as 10.0.0.0/8.",
    ],
    ["a header that is none", ["--client-address-header", "X For"], "It must be the name of a header"],
    [
      "a header of another syntax",
      ["--client-address-header", "Forwarded"],
      "It must be a header of bare addresses such as X-Forwarded-For, not one of RFC 7239.",
    ],
    ["a peer that is none", ["--peer-list", "one.example"], "It must be an http or https URL"],
    ["a peer with a password", ["--peer-list", "http://user:secret@one.example"], "without user name and password."],
    ["a flag that is misspelt", ["--max-active-stream", "1"], "unknown option '--max-active-stream'"],
    [
      "proxies without their header",
      [...BOTH, "--trusted-proxy", "::1"],
      "clientAddressHeader (--client-address-header)",
    ],
    ["a header without proxies", [...BOTH, "--client-address-header", "X"], "trustedProxies (--trusted-proxy)"],
  ];
  it.each(wrong)("are refused with %s", async (_, args, message) => {
    expect(await complaint(args)).toContain(message);
  });

  it("must say what a file leaves out", async () => {
    const file = configFile({ store: "/chain" });
    expect(await complaint(["--config", file])).toBe(
      `Cannot serve: listen (--listen) is neither in ${file} nor a flag`,
    );
    const other = configFile({ listen: "80" });
    expect(await complaint(["--config", other])).toContain("store (--store) is neither in");
  });

  it("fit together with what is in the file", async () => {
    const file = configFile({ ...{ store: "/chain", listen: "80" }, trustedProxies: ["::1"] });
    expect(await complaint(["--config", file])).toContain("clientAddressHeader");
    const settings = await settingsOf(["--config", file, "--client-address-header", "X-Real-IP"]);
    expect(servingOptionsOf(settings)).toEqual({
      address: { hostname: "127.0.0.1", port: 80 },
      config: {},
      limits: {},
      clients: { trustedProxies: ["::1"], trustedPeers: [], clientAddressHeader: "X-Real-IP" },
    });
  });

  it("reach the parts of the server that they are for", async () => {
    const flags = [
      "--max-connections",
      "5",
      "--max-active-streams",
      "7",
      "--max-active-optimistic-fetches-per-peer",
      "8",
      "--shutdown-timeout-ms",
      "9",
      "--allow",
      "::1",
    ];
    const more = ["--metrics-listen", "9090", "--request-log", "log", "--peer-list", "https://one.example"];
    expect(servingOptionsOf(await settingsOf([...BOTH, ...flags, ...more]))).toEqual({
      address: { hostname: "127.0.0.1", port: 8080 },
      config: { maxActiveStreams: 7, maxActiveOptimisticFetchesPerPeer: 8, peers: ["https://one.example"] },
      limits: { maxConnections: 5 },
      clients: { trustedProxies: [], trustedPeers: ["::1"] },
      metricsAddress: { hostname: "127.0.0.1", port: 9090 },
      requestLogFile: "log",
    });
  });
});
