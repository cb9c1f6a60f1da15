/**
 * Keys of requests in the response cache.
 *
 * @module
 */
import { type DirectRequest, REQUEST_VARIANTS } from "../wire/request-types.ts";

/**
 * A text that two requests share exactly if they are equal. Not for people: hashes stand in it as raw characters.
 *
 * Built by hand, in a tenth of the time that encoding the request takes: this runs for every request that the cache answers.
 */
export function requestKey(request: DirectRequest): string {
  return `${REQUEST_VARIANTS[request.kind]} ${fieldsKey(request)}`;
}

function fieldsKey(request: DirectRequest): string {
  switch (request.kind) {
    case "getServerProtocolVersion":
    case "getStorageServerSummary":
    case "getLatestLedgerInfo":
    case "getPeers":
      return "";
    case "getEpochEndingLedgerInfos":
      return `${request.firstEpoch} ${request.lastEpoch}`;
    case "getNumberOfStatesAtVersion":
    case "getEpochEndingAtVersion":
      return `${request.version}`;
    case "getStateValuesWithProof":
      return `${request.version} ${request.firstIndex} ${request.lastIndex}`;
    case "getStateValuesByKeyHash":
      return `${request.checkpoint ?? ""} ${request.proofVersion ?? ""} ${rawText(request.keyHashes)}`;
    case "getTransactionByHash":
      return rawText(request.hash);
    default:
      return rangeKey(request);
  }
}

function rangeKey(request: Extract<DirectRequest, { lastVersion: bigint }>): string {
  let key = `${request.firstVersion} ${request.lastVersion} ${request.proofVersion}`;
  if ("includeEvents" in request) key += request.includeEvents ? " e" : "";
  if ("dataType" in request) {
    const { dataType, maxResponseBytes } = request;
    key += ` ${maxResponseBytes} ${dataType.kind}${dataType.kind !== "outputs" && dataType.includeEvents ? " e" : ""}`;
  }
  return key;
}

/** One character a byte. At most 64 hashes, far from the most arguments that a call may have. */
function rawText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
