/**
 * State sync over HTTP: the storage service as a Hono app, and the transport that asks it with `fetch`.
 *
 * @module
 */
export {
  type ClientAddressOptions,
  type ClientConnection,
  createRequesterOf,
  type RequesterOf,
} from "./client-address.ts";
export type { Sha3 } from "./entity-tag.ts";
export { createFetchTransport, type Fetch, type FetchTransportOptions } from "./http-transport.ts";
export { formatRequestRecord, type RequestLog, type RequestRecord } from "./request-log.ts";
export {
  createStorageServiceApp,
  type StorageServiceApp,
  type StorageServiceAppOptions,
} from "./storage-service-app.ts";
