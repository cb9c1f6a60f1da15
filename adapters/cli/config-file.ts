/**
 * The config file of a server: JSON, one object, checked to the last key.
 *
 * Names are those of {@link ServeSettings}. A name that is unknown is refused with the nearest one, since a limit that is
 * misspelt is a limit that is not there.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { closest } from "fastest-levenshtein";
import * as v from "valibot";
import { SyncError } from "../../core/errors.ts";
import { MAX_PEERS } from "../../core/wire/limits.ts";
import { listenAddressValue, peerUrlValue, readInputFile } from "./option-values.ts";
import {
  addressRangeValue,
  headerNameValue,
  NUMBER_RANGES,
  type NumberSetting,
  type ServeSettings,
} from "./serve-settings.ts";

/** Largest file, in bytes; all settings with a full list of peers have 40 KB. */
const MAX_CONFIG_BYTES = 256 * 1024;
/** Longest value shown in an error. */
const MAX_SHOWN = 60;
/** A longer list of ranges belongs into a firewall: each request by a new address looks through it. */
const MAX_ADDRESS_RANGES = 1_000;

const path = v.pipe(v.string("a path"), v.nonEmpty("a path"));
const listenAddress = readAs(listenAddressValue);
const addressRanges = v.pipe(
  v.array(readAs((text) => addressRangeValue(text)[0] as string), "a list of addresses and CIDR ranges"),
  v.maxLength(MAX_ADDRESS_RANGES, `a list of at most ${MAX_ADDRESS_RANGES} addresses and CIDR ranges`),
);
const peers = v.pipe(
  v.array(readAs((text) => peerUrlValue(text)[0] as string), "a list of URLs"),
  v.maxLength(MAX_PEERS, `a list of at most ${MAX_PEERS} URLs`),
);

// Without a prototype: a key named "constructor" is as unknown as any other.
const entries = withoutPrototype({
  store: v.exactOptional(path),
  listen: v.exactOptional(listenAddress),
  metricsListen: v.exactOptional(listenAddress),
  requestLog: v.exactOptional(path),
  trustedProxies: v.exactOptional(addressRanges),
  clientAddressHeader: v.exactOptional(readAs(headerNameValue)),
  allow: v.exactOptional(addressRanges),
  peers: v.exactOptional(peers),
  compression: v.exactOptional(v.boolean("true or false")),
  enableTransactionDataV2: v.exactOptional(v.boolean("true or false")),
  // A name of the reference with one meaning left. Whoever copies a file must not believe that it could be switched off.
  enableSizeAndTimeAwareChunking: v.exactOptional(
    v.literal(true, "true, since answers are always cut by size and time here"),
  ),
  ...numberEntries(),
});

const schema = v.pipe(
  v.unknown(),
  // To the library a list is an object too.
  v.check((value) => !Array.isArray(value), "an object of settings"),
  v.object(entries, "an object of settings"),
);

/**
 * Reads a config file. Paths in it are relative to its folder.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` naming the file, and of everything that is wrong the key, the limit and the value.
 */
export async function readConfigFile(file: string): Promise<ServeSettings> {
  const given = parseJson(file, await readInputFile(file, MAX_CONFIG_BYTES));
  const checked = v.safeParse(schema, given, { abortPipeEarly: true });
  const complaints = [...unknownKeys(given).map(describeUnknown), ...(checked.issues ?? []).map(describe)];
  if (!checked.success || complaints.length > 0) throw refused(file, complaints.join("; "));
  const { enableSizeAndTimeAwareChunking: _, ...settings } = checked.output;
  const folder = dirname(file);
  return {
    ...settings,
    ...(settings.store === undefined ? {} : { store: resolve(folder, settings.store) }),
    ...(settings.requestLog === undefined ? {} : { requestLog: resolve(folder, settings.requestLog) }),
  };
}

function parseJson(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refused(file, `it is no JSON: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

/** All of them: the library stops at the first. */
function unknownKeys(given: unknown): string[] {
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  return isObject ? Object.keys(given).filter((key) => !(key in entries)) : [];
}

function refused(file: string, why: string, cause?: unknown): SyncError {
  return new SyncError("INVALID_ARGUMENT", `Cannot use config ${file}: ${why}`, { cause });
}

/** A string that a reader of flags understands; its complaint becomes ours. */
function readAs<T>(reader: (text: string) => T) {
  return v.pipe(
    v.string("a string"),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return reader(dataset.value);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        addIssue({ message: error.message.replace(/^It must be /, "").replace(/\.$/, "") });
        return NEVER;
      }
    }),
  );
}

function wholeNumber(name: NumberSetting) {
  const { lowest, highest } = NUMBER_RANGES[name];
  const limit = `a whole number from ${lowest} to ${highest}`;
  return v.exactOptional(
    v.pipe(v.number(limit), v.integer(limit), v.minValue(lowest, limit), v.maxValue(highest, limit)),
  );
}

function withoutPrototype<T extends object>(entries: T): T {
  return Object.assign(Object.create(null), entries);
}

function numberEntries(): Record<NumberSetting, ReturnType<typeof wholeNumber>> {
  const names = Object.keys(NUMBER_RANGES) as NumberSetting[];
  return Object.fromEntries(names.map((name) => [name, wholeNumber(name)])) as Record<
    NumberSetting,
    ReturnType<typeof wholeNumber>
  >;
}

/** What is wrong: key, limit, value. */
function describe(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? "the file"} is ${issue.message}, current value is ${shown(issue.input)}`;
}

function describeUnknown(written: string): string {
  const key = written.slice(0, MAX_SHOWN);
  const names = Object.keys(entries);
  const camelCase = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (names.includes(camelCase)) return `${key} is written ${camelCase} here`;
  return `${key} is no setting, the nearest is ${closest(camelCase, names)}`;
}

/** Complaints end up in logs, so passwords in URLs are left out. */
function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? String(value)).replace(/\/\/[^/"]*@/g, "//…@");
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
