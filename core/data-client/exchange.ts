/**
 * One request to one peer: encoded, sent, decoded, and compared with what was asked.
 *
 * @module
 */
import type { Transport } from "../ports/transport.ts";
import { assertSameChain } from "../wire/frame.ts";
import { pathOfRequest } from "../wire/paths.ts";
import { encodeRequest } from "../wire/request.ts";
import { decodeResponse } from "../wire/response.ts";
import type { DirectRequest, DirectRequestKind, DirectResponse } from "./answer.ts";
import { assertAnswers } from "./echo.ts";

/** Where a request goes, and the bounds of its answer. */
export interface ExchangeOptions {
  /** How the peer is reached. */
  readonly transport: Transport;
  /** Base URL. */
  readonly peer: string;
  /** 32 bytes; zeros: not known yet, so any chain is accepted. */
  readonly chain: Uint8Array;
  /** Time and bytes allowed. */
  readonly limits: { readonly timeoutMs: number; readonly maxResponseBytes: number };
  /** Ends the exchange. */
  readonly signal: AbortSignal | undefined;
}

/** A decoded answer. */
export interface ExchangedAnswer<K extends DirectRequestKind> {
  /** The answer, of the kind asked for. */
  readonly payload: DirectResponse<K>;
  /** 32 bytes: the chain the answer names. */
  readonly chain: Uint8Array;
  /** Length of the frame, in bytes. */
  readonly bytes: number;
}

/**
 * Sends `request`: as a GET where it has a path, so that caches can answer, else as a POST.
 *
 * @throws {SyncError} What the transport throws; the code in an error frame; `MALFORMED_FRAME`, `LIMIT_EXCEEDED`,
 *   `WRONG_CHAIN`, `RESPONSE_MISMATCH` for answers that are none.
 */
export async function exchange<K extends DirectRequestKind>(
  request: DirectRequest<K>,
  options: ExchangeOptions,
): Promise<ExchangedAnswer<K>> {
  const { timeoutMs, maxResponseBytes } = options.limits;
  const path = pathOfRequest(request);
  const body = encodeRequest(options.chain, request);
  const frame = await options.transport.send(
    options.peer,
    { body, ...(path === undefined ? {} : { path }) },
    { timeoutMs, maxResponseBytes, ...(options.signal === undefined ? {} : { signal: options.signal }) },
  );
  const { chain, response, error } = decodeResponse(frame, { maxBytes: maxResponseBytes });
  assertSameChain(options.chain, chain);
  if (error !== undefined) throw error;
  assertAnswers<K>(request, response);
  return { payload: response, chain: chain.slice(), bytes: frame.length };
}
