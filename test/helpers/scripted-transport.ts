/**
 * A transport whose peers are functions.
 *
 * @module
 */
import type { Transport } from "../../core/ports/transport.ts";
import { encodeResponse } from "../../core/wire/response.ts";
import { requestOfPath } from "../../core/wire/paths.ts";
import { decodeRequest } from "../../core/wire/request.ts";
import type { DataRequest } from "../../core/wire/request-types.ts";
import type { DataResponse } from "../../core/wire/response-types.ts";

/** Chain of every scripted peer that does not say otherwise. */
export const SCRIPTED_CHAIN: Uint8Array = new Uint8Array(32).fill(0xc4);

/** What a scripted peer does with a request: answers, sends raw bytes, or throws. */
export type ScriptedPeer = (request: DataRequest) => DataResponse | Uint8Array | Promise<DataResponse | Uint8Array>;

/** One request as a peer got it. */
interface SentRequest {
  readonly peer: string;
  readonly request: DataRequest;
  /** The path, where it was a GET. */
  readonly path: string | undefined;
  readonly timeoutMs: number;
}

/** A transport and what was sent through it. */
export interface ScriptedTransport extends Transport {
  readonly sent: readonly SentRequest[];
}

/** Creates a transport to `peers`, by base URL. */
export function createScriptedTransport(peers: Readonly<Record<string, ScriptedPeer>>): ScriptedTransport {
  const sent: SentRequest[] = [];
  return {
    sent,
    async send(peer, { path, body }, { timeoutMs, signal }) {
      signal?.throwIfAborted();
      const request = path === undefined ? decodeRequest(body).request : requestOfPath(path).request;
      sent.push({ peer, request, path, timeoutMs });
      const answer = await (peers[peer] as ScriptedPeer)(request);
      signal?.throwIfAborted();
      return answer instanceof Uint8Array ? answer : encodeResponse(SCRIPTED_CHAIN, answer);
    },
  };
}
