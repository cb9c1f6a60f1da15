/**
 * The switch for requests of the second generation.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import { type DataRequest, isTransactionDataV2Request } from "../wire/request-types.ts";
import type { StorageServiceConfig } from "./config.ts";

/**
 * Refuses what cannot be answered however long it waits. For requests as they arrive: what the server derives from them is
 * always of the second generation.
 *
 * @throws {SyncError} `NOT_SERVICEABLE` if it is a V2 request and those are switched off.
 */
export function assertGeneration(
  request: DataRequest,
  { enableTransactionDataV2 }: Pick<StorageServiceConfig, "enableTransactionDataV2">,
): void {
  if (enableTransactionDataV2 || !isTransactionDataV2Request(request)) return;
  throw new SyncError("NOT_SERVICEABLE", `Cannot answer ${request.kind}: V2 requests are switched off here`);
}
