/**
 * The parameters of paths: how each is spelt, what it means, and what it is read into.
 *
 * @module
 */
import { decodeHex, encodeHex } from "../bytes/hex.ts";
import { SyncError } from "../errors.ts";
import { WIRE_HASH_BYTES } from "./fields.ts";
import { MAX_PATH_KEY_HASHES } from "./limits.ts";

/** What the parameters of all paths are read into. */
export interface PathValues {
  readonly firstEpoch: bigint;
  readonly lastEpoch: bigint;
  readonly version: bigint;
  readonly firstVersion: bigint;
  readonly lastVersion: bigint;
  readonly proofVersion: bigint;
  readonly transactionHash: Uint8Array;
  readonly firstIndex: bigint;
  readonly lastIndex: bigint;
  readonly checkpoint: bigint;
  readonly keyHash: Uint8Array;
  /** 32·n bytes. */
  readonly keyHashes: Uint8Array;
  readonly knownVersion: bigint;
  readonly knownEpoch: bigint;
}

/** Name of a parameter. */
export type PathParameter = keyof PathValues;

/** How a parameter is spelt. */
export type PathParameterType = "u64" | "hash" | "hashes";

/** Spelling and meaning of a parameter. */
export interface PathParameterRule {
  /** How it is spelt. */
  readonly type: PathParameterType;
  /** What it means, for people. */
  readonly description: string;
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const HASH = `[0-9a-f]{${2 * WIRE_HASH_BYTES}}`;

/** Regular expression of each spelling: no leading zeros, lower case, so that a value has one spelling. */
export const PATH_PARAMETER_PATTERNS: Readonly<Record<PathParameterType, string>> = {
  u64: "(?:0|[1-9][0-9]{0,19})",
  hash: HASH,
  hashes: `${HASH}(?:,${HASH}){0,${MAX_PATH_KEY_HASHES - 1}}`,
};

/** Every parameter. */
export const PATH_PARAMETERS: Readonly<Record<PathParameter, PathParameterRule>> = {
  firstEpoch: { type: "u64", description: "First epoch that ends." },
  lastEpoch: { type: "u64", description: "Last epoch that ends, inclusive." },
  version: { type: "u64", description: "Version of a transaction; for state, of a checkpoint." },
  firstVersion: { type: "u64", description: "First version." },
  lastVersion: { type: "u64", description: "Last version, inclusive." },
  proofVersion: {
    type: "u64",
    description:
      "Version of the ledger info to prove it in: one that ends an epoch, or one that was the newest lately.",
  },
  transactionHash: { type: "hash", description: "Hash of a transaction." },
  firstIndex: { type: "u64", description: "Index of the first value by order of key hash, from 0." },
  lastIndex: { type: "u64", description: "Index of the last value, inclusive." },
  checkpoint: { type: "u64", description: "Version of a checkpoint: the end of a block or of an epoch." },
  keyHash: { type: "hash", description: "Hash of a state key." },
  keyHashes: { type: "hashes", description: "Hashes of state keys, parted by commas." },
  knownVersion: { type: "u64", description: "Newest version that the client holds." },
  knownEpoch: { type: "u64", description: "Epoch of the version after it." },
};

/**
 * Reads a parameter.
 *
 * @param text What its pattern matched.
 * @throws {SyncError} `INVALID_REQUEST` if it is a number above 2^64 - 1.
 */
export function readPathParameter(name: PathParameter, text: string): bigint | Uint8Array {
  const { type } = PATH_PARAMETERS[name];
  if (type !== "u64") return decodeHex(type === "hash" ? text : text.replaceAll(",", ""));
  const value = BigInt(text);
  if (value <= U64_MAX) return value;
  throw new SyncError("INVALID_REQUEST", `Cannot read path: ${name} is at most 2^64 - 1, current value is ${text}`);
}

/** Writes the value of a parameter. */
export function spellPathParameter(value: bigint | Uint8Array | undefined): string {
  if (!(value instanceof Uint8Array)) return String(value);
  const hashes: string[] = [];
  for (let at = 0; at < value.length; at += WIRE_HASH_BYTES) {
    hashes.push(encodeHex(value.subarray(at, at + WIRE_HASH_BYTES)));
  }
  return hashes.join(",");
}
