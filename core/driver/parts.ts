/**
 * What the parts of the driver share.
 *
 * @module
 */
import type { ChainContext } from "../chain/hash.ts";
import type { DataClient } from "../data-client/client.ts";
import { isSyncError, type SyncError } from "../errors.ts";
import type { LedgerWriter } from "../ledger/writer.ts";
import type { CommitNotifications } from "../notifications/commit.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { SignatureVerifier } from "../ports/signatures.ts";
import type { StreamingService } from "../streaming/service.ts";
import type { DriverConfig } from "./config.ts";

/** Everything that the driver works with. */
export interface DriverParts {
  /** Knows the peers. */
  readonly dataClient: DataClient;
  /** Opens streams over the data client. */
  readonly streaming: StreamingService;
  /** The only writer of its store. */
  readonly ledger: LedgerWriter;
  /** The chain's rules. */
  readonly context: ChainContext;
  /** Decides whether validators signed. */
  readonly signatureVerifier: SignatureVerifier;
  /** Time for pauses and reports. */
  readonly clock: Clock;
  /** Told of what goes wrong and goes on. */
  readonly log: Log;
  /** The bounds. */
  readonly config: DriverConfig;
  /** Who is told about commits. */
  readonly notifications: CommitNotifications;
}

/** Tells whether a failure is the fault of a peer, and no reason to stop for good. */
export function isPeerFault(error: unknown): error is SyncError {
  return isSyncError(error) && error.fault === "peer" && !isTerminal(error);
}

/** Tells whether no other peer can make a failure good: what is trusted contradicts what the operator said. */
export function isTerminal(error: SyncError): boolean {
  return error.detail["terminal"] === true;
}
