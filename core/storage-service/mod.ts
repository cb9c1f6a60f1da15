/**
 * The storage service: answers requests about a ledger, with proofs, within limits. `./adapters/http` puts it on the web.
 *
 * @module
 */
export { type ChainContext, createChainContext } from "../chain/hash.ts";
export { createNobleHasher } from "../chain/noble-hasher.ts";
export { APTOS_PROFILE, type ChainProfile, VELOR_PROFILE } from "../chain/profile.ts";
export { isSyncError, SyncError, type SyncErrorCode, type SyncFault } from "../errors.ts";
export { type OpenLedgerOptions, openLedgerReader } from "../ledger/open-ledger.ts";
export type { LedgerReader } from "../ledger/reader.ts";
export type { Clock } from "../ports/clock.ts";
export { type Log, SILENT_LOG } from "../ports/log.ts";
export type { OrderedKv } from "../ports/ordered-kv.ts";
export type { Serviceable, SyncedPosition } from "../wire/can-service.ts";
export type { DataRequest } from "../wire/request.ts";
export type { DataResponse } from "../wire/response.ts";
export { DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "./config.ts";
export type { LedgerView } from "./ledger-view.ts";
export type { AnswerLifetime } from "./lifetime.ts";
export { type Answer, createStorageService, type StorageService, type StorageServiceParts } from "./service.ts";
