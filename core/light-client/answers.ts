/**
 * The answers of a storage service that a light client needs, taken apart into what its verifiers take.
 *
 * Everything in them is a claim. Source: velor-sync.cddl, variants 1 and 64. Pure: whoever uses this fetches.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { columnItems } from "../bytes/column.ts";
import type { ChainContext } from "../chain/hash.ts";
import { decodeLedgerInfoWithSignatures, type LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { ChainProfile } from "../chain/profile.ts";
import { hashStateValue } from "../chain/state-value.ts";
import { SyncError } from "../errors.ts";
import type { EpochChangeProof } from "../trust/epoch-change.ts";
import { GET_RESPONSE_BYTES } from "../wire/limits.ts";
import { type DataResponse, decodeResponse } from "../wire/response.ts";
import type { StateReadClaim } from "./verified-read.ts";

/** What a peer says that the value of one key is, and how that is to be proven. */
export interface StateAnswer {
  /** BCS of the state value; `undefined` if the peer says that the key has none. Proven as soon as `claim` is verified. */
  readonly value: Uint8Array | undefined;
  /** The read of that value: what `verifyStateRead` takes. */
  readonly claim: StateReadClaim;
  /** What the proof of `claim` leads to: what the ratchet takes. */
  readonly ledgerInfo: LedgerInfoWithSignatures;
}

/**
 * Reads the answer to `GET /v1/state/latest/{keyHash}`, or to the same at a checkpoint.
 *
 * @param frame The body, also where the status says that it is an error. Kept as views.
 * @param keyHash 32 bytes: the key that was asked for. Never taken from the answer.
 * @throws {SyncError} What the peer answered instead, with the code that it gave.
 * @throws {SyncError} `RESPONSE_MISMATCH` if it is the answer to something else.
 * @throws {SyncError} `MALFORMED_FRAME`, `LIMIT_EXCEEDED`, `MALFORMED_BCS` if it is not an answer of this protocol.
 */
export function decodeStateAnswer(context: ChainContext, frame: Uint8Array, keyHash: Uint8Array): StateAnswer {
  const answer = decodeAnswer("stateValuesByKeyHash", frame);
  const [item] = answer.values;
  if (item === undefined || answer.values.length > 1 || !equalBytes(item.keyHash, keyHash)) {
    throw mismatch("the value of the one key that was asked for is expected");
  }
  const { stateValue: value, proof: stateProof } = item;
  const valueHash = value === undefined ? undefined : hashStateValue(context, value);
  const { checkpoint: version, transactionInfo, accumulatorSiblings: infoSiblings } = answer;
  return {
    value,
    claim: { version, keyHash, valueHash, stateProof, transactionInfo, infoSiblings },
    ledgerInfo: decodeLedgerInfoWithSignatures(answer.ledgerInfo, context.profile),
  };
}

/**
 * Reads the answer to `GET /v1/epochs/{firstEpoch}-{lastEpoch}`.
 *
 * A server sends a limited number of epochs at once: `more` says that the answer ends before `lastEpoch`. The ratchet then
 * goes as far as it leads, and the next request begins at the epoch that the ratchet came to.
 *
 * @param frame The body, also where the status says that it is an error. Kept as views.
 * @throws {SyncError} As {@link decodeStateAnswer}.
 */
export function decodeEpochEndings(frame: Uint8Array, profile: ChainProfile): EpochChangeProof {
  const { firstEpoch, lastEpoch, ledgerInfos } = decodeAnswer("epochEndingLedgerInfos", frame);
  return {
    ledgerInfos: columnItems(ledgerInfos).map((bytes) => decodeLedgerInfoWithSignatures(bytes, profile)),
    more: firstEpoch + BigInt(ledgerInfos.count) <= lastEpoch,
  };
}

function decodeAnswer<K extends DataResponse["kind"]>(kind: K, frame: Uint8Array): Extract<DataResponse, { kind: K }> {
  const { response, error } = decodeResponse(frame, { maxBytes: GET_RESPONSE_BYTES });
  if (error !== undefined) throw error;
  if (!isOfKind(response, kind)) throw mismatch(`${kind} is expected, current value is ${response.kind}`);
  return response;
}

function isOfKind<K extends DataResponse["kind"]>(
  response: DataResponse,
  kind: K,
): response is Extract<DataResponse, { kind: K }> {
  return response.kind === kind;
}

function mismatch(reason: string): SyncError {
  return new SyncError("RESPONSE_MISMATCH", `Cannot use answer: ${reason}`);
}
