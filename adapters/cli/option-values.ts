/**
 * Reads the values of options and operands. A wrong one is a usage error that names the limit and the value.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { InvalidArgumentError, Option } from "commander";
import { concatBytes } from "../../core/bytes/bytes.ts";
import { type ChainProfile, profileByName, type ProfileName } from "../../core/chain/profile.ts";
import { isSyncError, SyncError } from "../../core/errors.ts";
import { parseWaypoint, type Waypoint } from "../../core/trust/waypoint.ts";
import { parsePeerUrl } from "../http/peer-url.ts";
import type { ListenAddress } from "./platform.ts";

const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const MAX_PORT = 65_535;

/** Reader of a whole number within [`lowest`, `highest`]. */
export function wholeNumber(lowest: number, highest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^(0|[1-9][0-9]*)$/.test(text) || value < lowest || value > highest) {
      throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`);
    }
    return value;
  };
}

/** Reads an unsigned 64-bit integer: a version, an epoch, a seed. */
export function u64Value(text: string): bigint {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text) || BigInt(text) > MAX_U64) {
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${MAX_U64}.`);
  }
  return BigInt(text);
}

/** Reads a waypoint, `version:hash`. */
export function waypointValue(text: string): Waypoint {
  try {
    return parseWaypoint(text);
  } catch (error) {
    if (isSyncError(error, "INVALID_ARGUMENT")) throw new InvalidArgumentError("It must be VERSION:64-HEX-DIGITS.");
    throw error;
  }
}

/** Reads `HOST:PORT`, `[IPV6]:PORT` or `PORT` alone, which listens on loopback. */
export function listenAddressValue(text: string): ListenAddress {
  const match = /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):)?([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > MAX_PORT) {
    throw new InvalidArgumentError(`It must be HOST:PORT with a port from 0 to ${MAX_PORT}.`);
  }
  return { hostname: match[1] ?? match[2] ?? "127.0.0.1", port };
}

/** Reads the base URL of a peer and adds it to those given before. */
export function peerUrlValue(text: string, previous: readonly string[] = []): readonly string[] {
  const parsed = parsePeerUrl(text);
  if ("mustBe" in parsed) throw new InvalidArgumentError(`It must be ${parsed.mustBe}.`);
  return [...previous, parsed.url];
}

/** The option `--profile`, which all commands that meet chain data have. */
export function profileOption(fallback: ProfileName): Option {
  return new Option("--profile <name>", "formats and signatures of the chain")
    .choices(["aptos", "velor"] satisfies ProfileName[])
    .default(fallback);
}

/** The profile that {@link profileOption} named. */
export function profileOf(options: { readonly profile: string }): ChainProfile {
  return profileByName(options.profile);
}

/**
 * Reads a file that an operand names. Never reads more than one byte above the limit, whatever the file is.
 *
 * @param maxBytes Largest file accepted, in bytes.
 * @throws {SyncError} `INVALID_ARGUMENT` if it cannot be read or is larger.
 */
export async function readInputFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await readAtMost(path, maxBytes + 1).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyncError("INVALID_ARGUMENT", `Cannot read ${path}: ${reason}`, { cause });
  });
  if (bytes.length > maxBytes) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot read ${path}: at most ${maxBytes} bytes, it has more`, {
      detail: { limit: maxBytes },
    });
  }
  return bytes;
}

async function readAtMost(path: string, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(path, { end: length - 1 })) chunks.push(chunk as Uint8Array);
  return concatBytes(...chunks);
}
