/**
 * The one error class of the project, its closed list of codes, and who is at fault for each.
 *
 * The fault is what a layer needs to decide what to do: fix the call, blame the source of the bytes, wait and retry, or
 * stop and look at the store.
 *
 * @module
 */

/**
 * Who is at fault.
 *
 * - `caller`: the call cannot succeed as made; fix it.
 * - `peer`: whoever supplied the bytes (a peer, a cache, a file) supplied wrong ones.
 * - `transient`: nobody is proven wrong; trying again later may work.
 * - `storage`: the local store refused or holds something it must not hold.
 */
export type SyncFault = "caller" | "peer" | "transient" | "storage";

/** Every error code, and who is at fault for it. */
export interface FaultByCode {
  /** An argument is outside its documented range. */
  readonly INVALID_ARGUMENT: "caller";
  /** A request that the protocol does not allow; also the server's own answer to one. */
  readonly INVALID_REQUEST: "caller";
  /** The store belongs to another profile or network than the call says. */
  readonly NETWORK_MISMATCH: "caller";
  /** The version is not a checkpoint; `detail.checkpoint` names the one at or below. */
  readonly NOT_A_CHECKPOINT: "caller";
  /** The data was there once and is pruned; `detail.lowest` names the lowest kept version. */
  readonly PRUNED: "caller";
  /** A request or what it asks for exceeds a limit of the server. */
  readonly TOO_LARGE: "caller";
  /** This build cannot do what the data or the call needs (an unknown variant where it must be understood). */
  readonly UNSUPPORTED: "caller";

  /** Bytes that are not canonical BCS of the expected type. */
  readonly MALFORMED_BCS: "peer";
  /** Bytes that are not a message of the wire protocol. */
  readonly MALFORMED_FRAME: "peer";
  /** More bytes, items or nesting than the configured limit. */
  readonly LIMIT_EXCEEDED: "peer";
  /** An answer to something else than what was asked. */
  readonly RESPONSE_MISMATCH: "peer";
  /** A hash computed from the data is not the one a proof or a trusted value demands. */
  readonly PROOF_MISMATCH: "peer";
  /** A signature does not verify. */
  readonly SIGNATURE_MISMATCH: "peer";
  /** The signers' bitmap does not fit the validator set, or names an unknown validator. */
  readonly INVALID_SIGNERS: "peer";
  /** The signers hold less than a quorum of the voting power. */
  readonly INSUFFICIENT_VOTING_POWER: "peer";
  /** A ledger info of another epoch than the trusted one, or an epoch change that does not continue it. */
  readonly EPOCH_MISMATCH: "peer";
  /** A ledger info older than what is trusted already. */
  readonly STALE_LEDGER_INFO: "peer";
  /** A ledger info at the waypoint's version that does not hash to the waypoint. */
  readonly WAYPOINT_MISMATCH: "peer";
  /** Data of another chain. */
  readonly WRONG_CHAIN: "peer";

  /** The peer does not hold what was asked for (now). */
  readonly NOT_SERVICEABLE: "transient";
  /** The peer asks for fewer requests; `detail.retryAfterMs` says for how long to wait. */
  readonly TOO_MANY_REQUESTS: "transient";
  /** The peer ignores us for a while after too many invalid requests. */
  readonly TOO_MANY_INVALID_REQUESTS: "transient";
  /** The peer failed on its side. */
  readonly INTERNAL: "transient";
  /** No answer within the time allowed. */
  readonly REQUEST_TIMEOUT: "transient";
  /** The peer could not be reached, or the connection broke. */
  readonly CONNECTION_FAILED: "transient";
  /** No known peer can serve what is needed. */
  readonly NO_PEERS: "transient";

  /** An expected value did not hold in a commit; nothing was changed. */
  readonly STORAGE_CONFLICT: "storage";
  /** Another process writes to this store. */
  readonly STORAGE_LOCKED: "storage";
  /** The store holds something that it can only hold after damage. */
  readonly STORAGE_CORRUPT: "storage";
  /** The backend failed (disk full, closed, I/O error); see `cause`. */
  readonly STORAGE_FAILED: "storage";
}

const FAULT_BY_CODE: FaultByCode = {
  INVALID_ARGUMENT: "caller",
  INVALID_REQUEST: "caller",
  NETWORK_MISMATCH: "caller",
  NOT_A_CHECKPOINT: "caller",
  PRUNED: "caller",
  TOO_LARGE: "caller",
  UNSUPPORTED: "caller",
  MALFORMED_BCS: "peer",
  MALFORMED_FRAME: "peer",
  LIMIT_EXCEEDED: "peer",
  RESPONSE_MISMATCH: "peer",
  PROOF_MISMATCH: "peer",
  SIGNATURE_MISMATCH: "peer",
  INVALID_SIGNERS: "peer",
  INSUFFICIENT_VOTING_POWER: "peer",
  EPOCH_MISMATCH: "peer",
  STALE_LEDGER_INFO: "peer",
  WAYPOINT_MISMATCH: "peer",
  WRONG_CHAIN: "peer",
  NOT_SERVICEABLE: "transient",
  TOO_MANY_REQUESTS: "transient",
  TOO_MANY_INVALID_REQUESTS: "transient",
  INTERNAL: "transient",
  REQUEST_TIMEOUT: "transient",
  CONNECTION_FAILED: "transient",
  NO_PEERS: "transient",
  STORAGE_CONFLICT: "storage",
  STORAGE_LOCKED: "storage",
  STORAGE_CORRUPT: "storage",
  STORAGE_FAILED: "storage",
};

/** Every code a {@link SyncError} can have. */
export type SyncErrorCode = keyof FaultByCode;

/** Plain values that say more: limits, versions, peers. Never payload bytes. */
export type SyncErrorDetail = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/** The only error that this project throws on purpose. Aborts are not wrapped: they pass through as `signal.reason`. */
export class SyncError extends Error {
  override readonly name = "SyncError";
  /** What went wrong. */
  readonly code: SyncErrorCode;
  /** The limit, the value, the place; empty if the message says it all. */
  readonly detail: SyncErrorDetail;

  /**
   * @param code What went wrong.
   * @param message "Cannot <verb> <what>: <limit>, current value is <v>", no period.
   * @param options `detail` for programs, `cause` when wrapping a foreign error at a boundary.
   */
  constructor(code: SyncErrorCode, message: string, options?: { detail?: SyncErrorDetail; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options?.detail ?? {};
  }

  /** Who is at fault. Derived from `code`, so the two cannot disagree. */
  get fault(): SyncFault {
    return FAULT_BY_CODE[this.code];
  }
}

/**
 * Tells whether `error` is a {@link SyncError}, and of the code if one is given.
 *
 * @param error Anything that was thrown.
 * @param code The code to look for; any code if absent.
 */
export function isSyncError(error: unknown, code?: SyncErrorCode): error is SyncError {
  return error instanceof SyncError && (code === undefined || error.code === code);
}
