/**
 * What a store says about itself before anything else is read: whose ledger it holds, and which generation is current.
 *
 * @module
 */
import { decodeBcs, encodeBcs } from "../chain/bcs.ts";
import { HASH_BYTES } from "../chain/hash.ts";
import { profileByName, type ProfileName } from "../chain/profile.ts";
import { isSyncError, SyncError } from "../errors.ts";
import type { OrderedKv } from "../ports/ordered-kv.ts";
import { readWaypoint, type Waypoint, writeWaypoint } from "../trust/waypoint.ts";
import { STORE_RECORD_KEY } from "./keys.ts";

/** Layout of the store that this build reads and writes. */
const SCHEMA_VERSION = 1;

/** What a store says about itself. */
export interface StoreRecord {
  readonly profile: ProfileName;
  /** 32-byte value of the genesis waypoint; zeros while it is not known. */
  readonly chain: Uint8Array;
  /** The waypoint that the store trusts. */
  readonly waypoint: Waypoint;
  /** Generation of the current ledger's keys, 1 to 255. */
  readonly generation: number;
}

/** Bytes of a store record. */
export function encodeStoreRecord(record: StoreRecord): Uint8Array {
  return encodeBcs((writer) => {
    writer.u32(SCHEMA_VERSION).text(record.profile).raw(record.chain);
    writeWaypoint(writer, record.waypoint);
    writer.u8(record.generation);
  });
}

/**
 * Reads a store record.
 *
 * @throws {SyncError} `UNSUPPORTED` if the store is of another layout than this build's.
 * @throws {SyncError} `STORAGE_CORRUPT` if the bytes are no record.
 */
export function decodeStoreRecord(bytes: Uint8Array): StoreRecord {
  try {
    return decodeBcs(bytes, (cursor) => {
      const schema = cursor.u32();
      if (schema !== SCHEMA_VERSION) {
        throw new SyncError(
          "UNSUPPORTED",
          `Cannot read ledger: layout ${SCHEMA_VERSION} is known, the store's is ${schema}`,
        );
      }
      return {
        profile: profileByName(cursor.text()).name,
        chain: cursor.raw(HASH_BYTES),
        waypoint: readWaypoint(cursor),
        generation: cursor.u8(),
      };
    });
  } catch (error) {
    if (isSyncError(error, "UNSUPPORTED")) throw error;
    throw new SyncError("STORAGE_CORRUPT", "Cannot read ledger: its store record is broken", { cause: error });
  }
}

/**
 * What the store says about itself; `undefined` if it holds no ledger. Read this first to learn a store's profile.
 *
 * @throws {SyncError} `UNSUPPORTED`, `STORAGE_CORRUPT` as {@link decodeStoreRecord}.
 */
export async function readStoreRecord(kv: OrderedKv): Promise<StoreRecord | undefined> {
  const bytes = await kv.get(STORE_RECORD_KEY);
  return bytes === undefined ? undefined : decodeStoreRecord(bytes);
}
