/**
 * A transport that changes what some peers answer.
 *
 * @module
 */
import type { Transport } from "../../core/ports/transport.ts";
import { requestOfPath } from "../../core/wire/paths.ts";
import { decodeRequest } from "../../core/wire/request.ts";
import type { DataRequest } from "../../core/wire/request-types.ts";

/** What a liar makes of an answer: other bytes, the same, or an error to throw. */
export type Lie = (frame: Uint8Array, request: DataRequest) => Uint8Array;

/** Passes every answer of `peer` through `lie`; all other peers stay honest. */
export function withLiar(transport: Transport, peer: string, lie: Lie): Transport {
  return {
    async send(to, message, options) {
      const frame = await transport.send(to, message, options);
      if (to !== peer) return frame;
      const request = message.path === undefined
        ? decodeRequest(message.body).request
        : requestOfPath(message.path).request;
      return lie(frame, request);
    },
  };
}
