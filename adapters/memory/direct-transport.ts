/**
 * Transport to storage services in the same process: every byte of the wire, none of the network.
 *
 * Requests and answers are encoded and decoded as over HTTP, so what a client gets here is what it would get there. There
 * is nothing to wait for, so `timeoutMs` has no meaning here.
 *
 * @module
 */
import { isSyncError, SyncError } from "../../core/errors.ts";
import type { Transport, TransportMessage } from "../../core/ports/transport.ts";
import type { StorageService } from "../../core/storage-service/service.ts";
import { encodeError, ERROR_VARIANT } from "../../core/wire/error-frame.ts";
import { assertSameChain, decodeFrame } from "../../core/wire/frame.ts";
import { MAX_RESPONSE_ITEMS } from "../../core/wire/limits.ts";
import { requestOfPath } from "../../core/wire/paths.ts";
import { decodeRequest } from "../../core/wire/request.ts";
import type { DataRequest } from "../../core/wire/request-types.ts";
import { decodeResponse, encodeResponse } from "../../core/wire/response.ts";

/** Told of every request, before it is answered. */
export type RequestListener = (peer: string, request: DataRequest) => void;

/**
 * Creates a transport.
 *
 * @param services Storage service of each peer, by base URL. Kept: a peer that is not (or no longer) in it is unreachable.
 * @param onRequest Told of every request that could be decoded.
 */
export function createDirectTransport(
  services: ReadonlyMap<string, StorageService>,
  onRequest: RequestListener = () => {},
): Transport {
  return {
    async send(peer, message, { maxResponseBytes, signal }) {
      signal?.throwIfAborted();
      const service = services.get(peer);
      if (service === undefined) {
        throw new SyncError("CONNECTION_FAILED", `Cannot reach ${peer}: there is no such service`);
      }
      const frame = await answerFrame(service, message, (request) => onRequest(peer, request));
      signal?.throwIfAborted();
      if (frame.length > maxResponseBytes) {
        throw new SyncError(
          "LIMIT_EXCEEDED",
          `Cannot take answer: at most ${maxResponseBytes} bytes, current value is ${frame.length}`,
        );
      }
      throwIfError(frame, maxResponseBytes);
      return frame;
    },
  };
}

/** The frame that a server sends back: an answer, or an error. */
async function answerFrame(
  service: StorageService,
  { path, body }: TransportMessage,
  onRequest: (request: DataRequest) => void,
): Promise<Uint8Array> {
  const chain = await service.chain();
  try {
    const decoded = path === undefined ? decodeRequest(body) : undefined;
    if (decoded !== undefined) assertSameChain(chain, decoded.chain);
    const request = decoded?.request ?? requestOfPath(path as string).request;
    onRequest(request);
    return encodeResponse(chain, await service.handle(request));
  } catch (error) {
    if (isSyncError(error)) return encodeError(chain, error);
    throw error;
  }
}

function throwIfError(frame: Uint8Array, maxBytes: number): void {
  const { variant } = decodeFrame(frame, { maxBytes, maxItems: MAX_RESPONSE_ITEMS });
  if (variant !== ERROR_VARIANT) return;
  const { error } = decodeResponse(frame, { maxBytes });
  if (error !== undefined) throw error;
}
