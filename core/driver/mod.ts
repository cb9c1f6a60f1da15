/**
 * Everything that brings a ledger store to the head of its chain: driver, streams, data client, and the store itself.
 *
 * Put together a {@link DataClient} over a {@link Transport} and a {@link LedgerWriter} over an {@link OrderedKv}, and run a
 * {@link Driver} from a {@link Waypoint}.
 *
 * @module
 */
export { type ChainContext, createChainContext } from "../chain/hash.ts";
export { createNobleHasher } from "../chain/noble-hasher.ts";
export { APTOS_PROFILE, type ChainProfile, VELOR_PROFILE } from "../chain/profile.ts";
export {
  type Answer,
  ANSWER_KINDS,
  type AnswerContext,
  type DirectRequest,
  type DirectRequestKind,
  type DirectResponse,
} from "../data-client/answer.ts";
export { createDataClient, type DataClient, type DataClientOptions } from "../data-client/client.ts";
export { type DataClientConfig, DEFAULT_DATA_CLIENT_CONFIG } from "../data-client/config.ts";
export type { GlobalSummary, OfferedLedgerInfo } from "../data-client/global-summary.ts";
export type { PeerReport } from "../data-client/peer-table.ts";
export { isSyncError, SyncError, type SyncErrorCode, type SyncFault } from "../errors.ts";
export {
  createLedger,
  type CreateLedgerOptions,
  type OpenLedgerOptions,
  openLedgerReader,
  openLedgerWriter,
} from "../ledger/open-ledger.ts";
export type { LedgerProgress, LedgerReader } from "../ledger/reader.ts";
export type { LedgerWriter } from "../ledger/writer.ts";
export { type CommitNotification, type CommitNotifications, NO_NOTIFICATIONS } from "../notifications/commit.ts";
export {
  createStorageServiceChannel,
  type StorageServiceChannel,
  type StorageServiceListener,
} from "../notifications/storage-service.ts";
export type { Clock } from "../ports/clock.ts";
export type { Hasher } from "../ports/hasher.ts";
export { type Log, SILENT_LOG } from "../ports/log.ts";
export type { OrderedKv } from "../ports/ordered-kv.ts";
export type { Random } from "../ports/random.ts";
export type { SignatureVerifier } from "../ports/signatures.ts";
export type { Transport, TransportMessage, TransportOptions } from "../ports/transport.ts";
export type { OutputsRange } from "../streaming/engines/outputs.ts";
export {
  type ContinuousOutputsRequest,
  createStreamingService,
  type StreamingService,
  type StreamingServiceOptions,
} from "../streaming/service.ts";
export type {
  DataNotification,
  DataPayload,
  DataStream,
  FeedbackKind,
  NotificationFeedback,
} from "../streaming/stream.ts";
export { createNobleBls12381 } from "../trust/bls12381-noble.ts";
export { createNobleEd25519 } from "../trust/ed25519-noble.ts";
export { createWebCryptoEd25519 } from "../trust/ed25519-webcrypto.ts";
export { createSignatureVerifier, type SignatureBackends } from "../trust/signature-verifier.ts";
export { formatWaypoint, parseWaypoint, type Waypoint } from "../trust/waypoint.ts";
export { DEFAULT_DRIVER_CONFIG, type DriverConfig, type SyncMode } from "./config.ts";
export { createDriver, type Driver, type DriverOptions, type RunOptions } from "./driver.ts";
export type { RunTotals, SyncPhase, SyncProgress, SyncReport } from "./report.ts";
