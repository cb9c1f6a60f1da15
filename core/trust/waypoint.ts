/**
 * Waypoints: one version and one hash that name a ledger info, small enough to be copied by hand.
 *
 * Source: formats §6.5. Pure: no I/O, no clock, no randomness.
 *
 * @module
 */
import { decodeHex, encodeHex } from "../bytes/hex.ts";
import { type BcsCursor, type BcsWriter, encodeBcs } from "../chain/bcs.ts";
import { type ChainContext, HASH_BYTES } from "../chain/hash.ts";
import { writeEpochState } from "../chain/epoch-state.ts";
import type { LedgerInfo } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";

/** Names one ledger info. */
export interface Waypoint {
  /** Version of the ledger info. */
  readonly version: bigint;
  /** 32-byte hash over the epoch, the accumulator root, the version, the time and the next validators. */
  readonly value: Uint8Array;
}

/**
 * Reads `version:hash`: a decimal version without leading zeros, and 64 lower-case hex digits.
 *
 * @param text Whitespace around it is ignored.
 * @throws {SyncError} `INVALID_ARGUMENT` if `text` is anything else.
 */
export function parseWaypoint(text: string): Waypoint {
  const match = /^(0|[1-9][0-9]{0,19}):([0-9a-f]{64})$/.exec(text.trim());
  const version = match === null ? undefined : BigInt(match[1] as string);
  if (match === null || version === undefined || version > 0xffff_ffff_ffff_ffffn) {
    throw new SyncError("INVALID_ARGUMENT", "Cannot read waypoint: it must be a version, a colon and 64 hex digits");
  }
  return { version, value: decodeHex(match[2] as string, HASH_BYTES) };
}

/** `version:hash`, as {@link parseWaypoint} reads it. */
export function formatWaypoint(waypoint: Waypoint): string {
  return `${waypoint.version}:${encodeHex(waypoint.value)}`;
}

/**
 * The waypoint of a ledger info.
 *
 * Covers epoch, accumulator root, version, time and the next validators; the round, the block id and the consensus data
 * hash are left out, so a waypoint says nothing about them.
 */
export function waypointOf(context: ChainContext, { commitInfo }: LedgerInfo): Waypoint {
  const converted = encodeBcs((writer) => {
    writer.u64(commitInfo.epoch).raw(commitInfo.executedStateId).u64(commitInfo.version);
    writer.u64(commitInfo.timestampUsecs).option(commitInfo.nextEpochState, writeEpochState);
  });
  return { version: commitInfo.version, value: context.hasher.hash(context.seeds.waypoint, converted) };
}

/** Reads a waypoint from BCS. */
export function readWaypoint(cursor: BcsCursor): Waypoint {
  return { version: cursor.u64(), value: cursor.raw(HASH_BYTES) };
}

/** Writes a waypoint as BCS. */
export function writeWaypoint(writer: BcsWriter, waypoint: Waypoint): void {
  writer.u64(waypoint.version).raw(waypoint.value);
}
