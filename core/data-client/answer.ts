/**
 * One answer, and where it came from.
 *
 * @module
 */
import type { SyncError } from "../errors.ts";
import type { DataRequest } from "../wire/request-types.ts";
import type { DataResponse } from "../wire/response-types.ts";

/** Where an answer came from, and how to blame whoever sent it. */
export interface AnswerContext {
  /** Base URL of the peer. */
  readonly peer: string;
  /** 32 bytes: the chain that the answer claims to be of. */
  readonly chain: Uint8Array;
  /** Length of the answer, in bytes. */
  readonly bytes: number;
  /** Lowers the peer's score for what a verifier found. Counts once; later calls for the same answer do nothing. */
  readonly blame: (error: SyncError) => void;
}

/** One answer: of the right kind, to the right question, of the right chain. Nothing more is verified about it. */
export interface Answer<T> {
  /** What the peer answered. */
  readonly payload: T;
  /** Where it came from. */
  readonly context: AnswerContext;
}

/** Which kind of answer each request has. Requests that wait for new data are not among them yet. */
export const ANSWER_KINDS = {
  getEpochEndingLedgerInfos: "epochEndingLedgerInfos",
  getNumberOfStatesAtVersion: "numberOfStatesAtVersion",
  getServerProtocolVersion: "serverProtocolVersion",
  getStateValuesWithProof: "stateValueChunkWithProof",
  getStorageServerSummary: "storageServerSummary",
  getTransactionDataWithProof: "transactionDataWithProof",
  getStateValuesByKeyHash: "stateValuesByKeyHash",
  getLatestLedgerInfo: "latestLedgerInfo",
  getTransactionByHash: "transactionByHash",
  getEpochEndingAtVersion: "epochEndingAtVersion",
  getPeers: "peers",
} as const;

/** Name of a request that the data client sends. */
export type DirectRequestKind = keyof typeof ANSWER_KINDS;

/** A request that the data client sends. */
export type DirectRequest<K extends DirectRequestKind = DirectRequestKind> = Extract<DataRequest, { kind: K }>;

/** The answer to a request of kind `K`. */
export type DirectResponse<K extends DirectRequestKind> = Extract<DataResponse, { kind: (typeof ANSWER_KINDS)[K] }>;
