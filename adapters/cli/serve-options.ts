/**
 * The flags of a server, for every command that serves. Flags win over the config file.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { SyncError } from "../../core/errors.ts";
import { readConfigFile } from "./config-file.ts";
import { listenAddressValue, peerUrlValue, wholeNumber } from "./option-values.ts";
import type { ListenAddress } from "./platform.ts";
import {
  addressRangeValue,
  assertComplete,
  headerNameValue,
  NUMBER_DEFAULTS,
  NUMBER_RANGES,
  type NumberSetting,
  type ServeSettings,
} from "./serve-settings.ts";
import type { ServingOptions } from "./serving.ts";

/** Settings that have a flag, in the order of the help. The others are only in the file: nobody needs them daily. */
const NUMBER_FLAGS: readonly (readonly [name: NumberSetting, description: string])[] = [
  ["maxConnections", "connections at once"],
  ["maxNetworkChannelSize", "requests being answered at once, waiting ones not counted"],
  ["maxNetworkChannelSizePerPeer", "of them of one address"],
  ["maxRequestsPerSecondPerPeer", "requests a second of one address"],
  ["maxInvalidRequestsPerPeer", "invalid requests after which an address is ignored"],
  ["minTimeToIgnorePeersSecs", "seconds it is ignored at first; doubled each time, up to a day"],
  ["maxActiveOptimisticFetches", "long-polls that wait at once"],
  ["maxActiveOptimisticFetchesPerPeer", "long-polls of one address"],
  ["maxOptimisticFetchPeriodMs", "milliseconds that one may wait"],
  ["maxActiveStreams", "subscription streams at once"],
  ["maxActiveStreamsPerPeer", "subscription streams of one address"],
  ["maxSubscriptionPeriodMs", "milliseconds that one of their requests may wait"],
  ["maxLruCacheBytes", "bytes of answers kept in memory; 0: none"],
  ["maxAnswerBytesInFlight", "bytes of answers that clients have not taken, above which no more are made"],
  ["storageSummaryRefreshIntervalMs", "milliseconds from one look at a store that another process writes to the next"],
  ["shutdownTimeoutMs", "milliseconds that requests in flight have at a stop"],
];

/** Values of the flags, by the names that commander gives them. */
export interface ServeFlags extends Partial<Record<NumberSetting, number>> {
  readonly config?: string;
  readonly store?: string;
  readonly listen?: ListenAddress;
  readonly metricsListen?: ListenAddress;
  readonly requestLog?: string;
  readonly peerList?: readonly string[];
  readonly trustedProxy?: readonly string[];
  readonly clientAddressHeader?: string;
  readonly allow?: readonly string[];
}

/** Settings in which nothing is missing. */
export interface CompleteSettings extends ServeSettings {
  readonly store: string;
  readonly listen: ListenAddress;
}

/** Adds the flags. `--store` and `--listen` may be in the config file instead; without a file they are mandatory. */
export function addServeFlags(command: Command): Command {
  command.optionsGroup("Serving:")
    .addOption(
      new Option("--listen <host:port>", "where to listen; port 0 lets the system choose").argParser(
        listenAddressValue,
      ),
    )
    .addOption(
      new Option("--metrics-listen <host:port>", "where /metrics is served, in Prometheus form (default: nowhere)")
        .argParser(listenAddressValue),
    )
    .option("--config <file>", "JSON file with any setting under its camelCase name; flags win over it")
    .option("--request-log <file>", "append a line for each request to this file")
    .addOption(new Option("--peer-list <url...>", "other peers that clients are told of").argParser(peerUrlValue));
  command.optionsGroup("Who asks:")
    .addOption(
      new Option("--trusted-proxy <range...>", "addresses or CIDR ranges of proxies in front")
        .argParser(addressRangeValue),
    )
    .addOption(
      new Option("--client-address-header <name>", "header in which these proxies name their client")
        .argParser(headerNameValue),
    )
    .addOption(
      new Option(
        "--allow <range...>",
        "addresses or CIDR ranges that are never ignored, and limited only by connections and memory",
      )
        .argParser(addressRangeValue),
    );
  command.optionsGroup("Limits:");
  for (const [name, description] of NUMBER_FLAGS) command.addOption(numberOption(name, description));
  return command.hook("preAction", (_program, serving) => requireAddresses(serving));
}

function numberOption(name: NumberSetting, description: string): Option {
  const { lowest, highest } = NUMBER_RANGES[name];
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  // Not a default of commander's, which would win over the file.
  const fallback = NUMBER_DEFAULTS[name] ?? "not limited";
  return new Option(`--${flag} <n>`, `${description} (default: ${fallback})`)
    .argParser(wholeNumber(lowest, highest));
}

function requireAddresses(serving: Command): void {
  const { config, store, listen } = serving.opts<ServeFlags>();
  if (config !== undefined) return;
  for (const [flag, value] of [["--store <dir>", store], ["--listen <host:port>", listen]]) {
    if (value === undefined) serving.error(`error: required option '${flag}' not specified`);
  }
}

/**
 * The settings that file and flags make together.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the file cannot be used, or the settings do not fit together.
 */
export async function serveSettings(flags: ServeFlags): Promise<CompleteSettings> {
  const fromFile = flags.config === undefined ? {} : await readConfigFile(flags.config);
  const settings = { ...fromFile, ...settingsOf(flags) };
  assertComplete(settings);
  const { store, listen } = settings;
  if (store !== undefined && listen !== undefined) return { ...settings, store, listen };
  const missing = store === undefined ? "store (--store)" : "listen (--listen)";
  throw new SyncError("INVALID_ARGUMENT", `Cannot serve: ${missing} is neither in ${flags.config} nor a flag`);
}

/** The flags that were given, as settings. */
function settingsOf(flags: ServeFlags): ServeSettings {
  const { store, listen, metricsListen, requestLog, clientAddressHeader, allow, peerList, trustedProxy } = flags;
  const numbers = NUMBER_FLAGS.map(([name]) => [name, flags[name]] as const);
  const settings = {
    ...{ store, listen, metricsListen, requestLog, clientAddressHeader, allow },
    ...{ peers: peerList, trustedProxies: trustedProxy },
    ...Object.fromEntries(numbers),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** What {@link serveSettings} says of a server. */
type ServingSettings = Pick<
  ServingOptions,
  "address" | "config" | "limits" | "clients" | "compression" | "metricsAddress" | "requestLogFile"
>;

/** Settings as a server is started with them. */
export function servingOptionsOf(settings: CompleteSettings): ServingSettings {
  const {
    store,
    listen,
    shutdownTimeoutMs,
    metricsListen,
    requestLog,
    maxConnections,
    compression,
    trustedProxies = [],
    clientAddressHeader,
    allow = [],
    ...config
  } = settings;
  return {
    address: listen,
    config,
    limits: maxConnections === undefined ? {} : { maxConnections },
    ...(compression === undefined ? {} : { compression }),
    clients: {
      trustedProxies,
      trustedPeers: allow,
      ...(clientAddressHeader === undefined ? {} : { clientAddressHeader }),
    },
    ...(metricsListen === undefined ? {} : { metricsAddress: metricsListen }),
    ...(requestLog === undefined ? {} : { requestLogFile: requestLog }),
  };
}
