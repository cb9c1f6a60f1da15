/**
 * The storage service: answers requests about a ledger, with proofs, within limits. A storage server puts admission, a cache
 * and requests that wait around it; `./adapters/http` puts that on the web.
 *
 * @module
 */
export { type ChainContext, createChainContext } from "../chain/hash.ts";
export { createNobleHasher } from "../chain/noble-hasher.ts";
export { APTOS_PROFILE, type ChainProfile, VELOR_PROFILE } from "../chain/profile.ts";
export { isSyncError, SyncError, type SyncErrorCode, type SyncFault } from "../errors.ts";
export { type OpenLedgerOptions, openLedgerReader } from "../ledger/open-ledger.ts";
export type { LedgerReader } from "../ledger/reader.ts";
export type { CommitNotification, CommitNotifications } from "../notifications/commit.ts";
export {
  createStorageServiceChannel,
  type StorageServiceChannel,
  type StorageServiceListener,
} from "../notifications/storage-service.ts";
export type { Clock } from "../ports/clock.ts";
export { type Log, SILENT_LOG } from "../ports/log.ts";
export { type MetricDefinition, type Metrics, NO_METRICS } from "../ports/metrics.ts";
export type { OrderedKv } from "../ports/ordered-kv.ts";
export type { Serviceable, SyncedPosition } from "../wire/can-service.ts";
export type { DataRequest } from "../wire/request.ts";
export type { DirectRequest } from "../wire/request-types.ts";
export type { DataResponse, ResponseKind } from "../wire/response.ts";
export type { AnswerFrame } from "./answer-frame.ts";
export { DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "./config.ts";
export type { LedgerView, LedgerViews } from "./ledger-view.ts";
export type { AnswerLifetime } from "./lifetime.ts";
export { type Requester, UNKNOWN_REQUESTER } from "./requester.ts";
export { type Answer, createStorageService, type StorageService, type StorageServiceParts } from "./service.ts";
export { createStorageServer, type StorageServer, type StorageServerParts } from "./storage-server.ts";
