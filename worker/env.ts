/**
 * Bindings and settings of the Worker, as `wrangler.toml` declares them.
 *
 * @module
 */
import { type ChainProfile, profileByName } from "../core/chain/profile.ts";
import { parseWaypoint, type Waypoint } from "../core/trust/waypoint.ts";

/** What the platform hands in. */
export interface Env {
  /** The ledger's Durable Object. */
  readonly SYNC: DurableObjectNamespace;
  /** Name of the chain's profile: `velor` or `aptos`. */
  readonly PROFILE: string;
  /** `version:hash` of the genesis waypoint to trust. */
  readonly WAYPOINT: string;
  /** Base URLs of the peers to sync from, parted by spaces; empty: serve what is there. */
  readonly UPSTREAM: string;
}

/** The settings, checked. */
export interface Settings {
  /** The chain's rules. */
  readonly profile: ChainProfile;
  /** What to trust. */
  readonly waypoint: Waypoint;
  /** Base URLs of peers. */
  readonly upstream: readonly string[];
}

/**
 * Reads the settings.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the profile or the waypoint is none.
 */
export function settingsOf({ PROFILE, WAYPOINT, UPSTREAM }: Omit<Env, "SYNC">): Settings {
  return {
    profile: profileByName(PROFILE),
    waypoint: parseWaypoint(WAYPOINT),
    upstream: UPSTREAM.split(" ").filter((url) => url !== ""),
  };
}
