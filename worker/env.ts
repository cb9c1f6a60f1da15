/**
 * Bindings and settings of the Worker, as `wrangler.toml` declares them.
 *
 * @module
 */
import { parsePeerUrl } from "../adapters/http/peer-url.ts";
import { type ChainProfile, profileByName } from "../core/chain/profile.ts";
import { SyncError } from "../core/errors.ts";
import { STORAGE_SERVICE_RANGES, type StorageServiceConfig } from "../core/storage-service/config.ts";
import { parseWaypoint, type Waypoint } from "../core/trust/waypoint.ts";
import { GET_RESPONSE_BYTES } from "../core/wire/limits.ts";

/** What the platform hands in. */
export interface Env {
  /** The ledger's Durable Object. */
  readonly SYNC: DurableObjectNamespace;
  /** Where copies of large answers are stored; absent: the object answers them all. */
  readonly ANSWERS?: R2Bucket;
  /** Where metrics are written; absent: nothing is measured. */
  readonly METRICS?: AnalyticsEngineDataset;
  /** Name of the chain's profile: `velor` or `aptos`. */
  readonly PROFILE: string;
  /** `version:hash` of the genesis waypoint to trust. */
  readonly WAYPOINT: string;
  /** Base URLs of the peers to sync from, parted by spaces; empty: serve what is there. */
  readonly UPSTREAM: string;
  /** Addresses or CIDR ranges of the operator's own clients, parted by spaces: never ignored, limited by memory alone. */
  readonly TRUSTED_PEERS?: string;
  /** Base URLs of other peers that clients are told of, parted by spaces. */
  readonly PEERS?: string;
  /** Settings of the storage service that differ from {@link EDGE_CONFIG}, by their names; a table. */
  readonly STORAGE_SERVICE?: Readonly<Record<string, unknown>>;
}

/** The settings, checked. */
export interface Settings {
  /** The chain's rules. */
  readonly profile: ChainProfile;
  /** What to trust. */
  readonly waypoint: Waypoint;
  /** Base URLs of peers. */
  readonly upstream: readonly string[];
  /** Addresses or CIDR ranges that are trusted. */
  readonly trustedPeers: readonly string[];
  /** Settings of the storage service. */
  readonly storageService: Partial<StorageServiceConfig>;
}

/**
 * What differs here from a server with a machine of its own: an isolate has 128 MB, which the ledger's caches, the answers
 * that are being made and every request that waits share.
 */
const EDGE_CONFIG: Partial<StorageServiceConfig> = {
  maxNetworkChunkBytesV2: GET_RESPONSE_BYTES,
  maxLruCacheBytes: 16 * 1024 * 1024,
  maxLruCacheSize: 10_000,
  maxAnswerBytesInFlight: 24 * 1024 * 1024,
  maxNetworkChannelSize: 1_000,
  maxActiveOptimisticFetches: 2_000,
  maxActiveOptimisticFetchesPerPeer: 200,
  maxActiveStreams: 500,
};

/**
 * Reads the settings.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if one of them is not what it must be. How large the numbers of the storage service
 * are, and how many peers there are, is checked where it is made.
 */
export function settingsOf(env: Omit<Env, "SYNC">): Settings {
  return {
    profile: profileByName(env.PROFILE),
    waypoint: parseWaypoint(env.WAYPOINT),
    upstream: peersOf("UPSTREAM", env.UPSTREAM),
    trustedPeers: wordsOf(env.TRUSTED_PEERS ?? ""),
    storageService: { ...EDGE_CONFIG, ...tableOf(env.STORAGE_SERVICE ?? {}), peers: peersOf("PEERS", env.PEERS ?? "") },
  };
}

function wordsOf(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function peersOf(name: string, text: string): string[] {
  return wordsOf(text).map((word, i) => {
    const peer = parsePeerUrl(word);
    if ("url" in peer) return peer.url;
    // Without the word, in which a password may be.
    throw new SyncError("INVALID_ARGUMENT", `Cannot use settings: word ${i + 1} of ${name} must be ${peer.mustBe}`);
  });
}

function tableOf(table: Readonly<Record<string, unknown>>): Partial<StorageServiceConfig> {
  for (const [name, value] of Object.entries(table)) {
    const type = name === "enableTransactionDataV2" ? "boolean" : "number";
    if ((type === "boolean" || Object.hasOwn(STORAGE_SERVICE_RANGES, name)) && typeof value === type) continue;
    throw new SyncError(
      "INVALID_ARGUMENT",
      "Cannot use settings: STORAGE_SERVICE holds numbers by the names of the storage service, and enableTransactionDataV2, " +
        `true or false; not ${name} = ${value}`,
    );
  }
  return table as Partial<StorageServiceConfig>;
}
