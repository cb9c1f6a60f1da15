/**
 * Outputs of consecutive versions, all proven in the ledger at one version.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../../chain/ledger-info.ts";
import { SyncError } from "../../errors.ts";
import { GET_RESPONSE_BYTES, MAX_OUTPUT_CHUNK } from "../../wire/limits.ts";
import { canonicalRangeFrom } from "../../wire/ranges.ts";
import type { TransactionOutputListWithProof } from "../../wire/response-types.ts";
import type { DataPayload } from "../stream.ts";
import type { StreamEngine } from "./engine.ts";

/** What a stream of outputs covers. */
export interface OutputsRange {
  /** First version wanted. */
  readonly firstVersion: bigint;
  /** Last version wanted. At most `proofVersion`; both in one epoch with `firstVersion`. */
  readonly lastVersion: bigint;
  /** The last version of the epoch. */
  readonly proofVersion: bigint;
}

/** Outputs from `firstVersion` to `lastVersion` of an epoch that has ended, in canonical ranges. */
export function createOutputsEngine(range: OutputsRange): StreamEngine<"getTransactionDataWithProof"> {
  return createEngine(range, canonicalCount, (outputs) => ({ kind: "outputs", outputs }));
}

/**
 * Outputs up to the version of `ledgerInfo`, in an epoch that is open.
 *
 * What is left is asked for in one piece where it fits one answer: ranges at the open head are shared by nobody, since
 * everybody proves them in another ledger info.
 */
export function createContinuousOutputsEngine(
  range: { readonly firstVersion: bigint; readonly lastVersion: bigint },
  ledgerInfo: LedgerInfoWithSignatures,
): StreamEngine<"getTransactionDataWithProof"> {
  const proofVersion = ledgerInfo.ledgerInfo.commitInfo.version;
  return createEngine({ ...range, proofVersion }, headCount, (outputs) => ({
    kind: "continuousOutputs",
    outputs,
    ledgerInfo,
  }));
}

function createEngine(
  range: OutputsRange,
  countFrom: (first: bigint, range: OutputsRange) => number,
  deliver: (outputs: TransactionOutputListWithProof) => DataPayload,
): StreamEngine<"getTransactionDataWithProof"> {
  if (range.lastVersion > range.proofVersion) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot stream outputs: the last version is at most ${range.proofVersion}, current value is ${range.lastVersion}`,
    );
  }
  let nextVersion = range.firstVersion;
  return {
    nextRequest() {
      if (nextVersion > range.lastVersion) return undefined;
      return {
        kind: "getTransactionDataWithProof",
        firstVersion: nextVersion,
        lastVersion: nextVersion + BigInt(countFrom(nextVersion, range)) - 1n,
        proofVersion: range.proofVersion,
        dataType: { kind: "outputs" },
        maxResponseBytes: GET_RESPONSE_BYTES,
      };
    },
    // The end is one of a verified ledger info, no claim.
    shorten: () => false,
    accept({ data }) {
      // The data client has compared the list with the request already; this is what the compiler can see.
      if (data.list !== "outputs") {
        throw new SyncError("RESPONSE_MISMATCH", "Cannot use answer: outputs were asked for");
      }
      nextVersion += BigInt(data.transactions.count);
      return deliver(data);
    },
  };
}

/** A range that a caller cuts short stays canonical as long as it can: only the last one is cut. */
function canonicalCount(first: bigint, { lastVersion, proofVersion }: OutputsRange): number {
  const { count } = canonicalRangeFrom(first, { maximum: MAX_OUTPUT_CHUNK, last: proofVersion });
  return Math.min(count, itemsBetween(first, lastVersion));
}

function headCount(first: bigint, range: OutputsRange): number {
  const left = itemsBetween(first, range.lastVersion);
  return left <= MAX_OUTPUT_CHUNK ? left : canonicalCount(first, range);
}

function itemsBetween(first: bigint, last: bigint): number {
  const items = last - first + 1n;
  return items > BigInt(MAX_OUTPUT_CHUNK) ? MAX_OUTPUT_CHUNK + 1 : Number(items);
}
