/**
 * The storage server: everything around the storage service that a public server needs. Admission, the response cache,
 * and the requests that wait for what comes next.
 *
 * @module
 */
import { encodeResponse } from "../wire/response.ts";
import type { DataRequest } from "../wire/request.ts";
import type { AnswerFrame } from "./answer-frame.ts";
import type { LedgerView } from "./ledger-view.ts";
import type { Requester } from "./requester.ts";
import { createStorageService, type StorageServiceParts } from "./service.ts";

/** Answers encoded requests of anyone. Methods may be called at any time, any number at once. */
export interface StorageServer {
  /**
   * Answers one request: at once, or for optimistic fetches and subscriptions when there is something new.
   *
   * @param requester Who asks.
   * @param signal Aborting (the client went away) rejects with `signal.reason` and gives the request up.
   * @throws {SyncError} One of the codes of an error frame; anything else a client hears of as `INTERNAL`.
   */
  answer(request: DataRequest, requester: Requester, signal?: AbortSignal): Promise<AnswerFrame>;
  /** 32-byte genesis waypoint value of the ledger; all zeros while it is not known. */
  chain(): Promise<Uint8Array>;
  /** Where the ledger stands: for health reports. */
  view(): Promise<LedgerView>;
  /** Ends all waiting: requests that wait are answered `NOT_SERVICEABLE`, later ones that would wait too. Idempotent. */
  stop(): void;
}

/** Creates a server over a ledger that may grow meanwhile, also by another process. */
export function createStorageServer(parts: StorageServiceParts): StorageServer {
  const service = createStorageService(parts);
  return {
    async answer(request) {
      const { response, lifetime } = await service.answer(request);
      return { bytes: encodeResponse(await service.chain(), response), lifetime, kind: response.kind };
    },
    chain: service.chain,
    view: service.view,
    stop() {},
  };
}
