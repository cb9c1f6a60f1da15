/**
 * An answer as it travels.
 *
 * @module
 */
import type { ResponseKind } from "../wire/response-types.ts";
import type { AnswerLifetime } from "./lifetime.ts";

/**
 * An encoded answer. One object is handed to everyone who asked the same: nobody writes to its bytes, and what an adapter
 * derives from it (an entity tag, a compressed copy) it may remember by the object.
 */
export interface AnswerFrame {
  /** The whole CBOR message. Shared: read only. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** For caches. */
  readonly lifetime: AnswerLifetime;
  /** Which answer it is. */
  readonly kind: ResponseKind;
}
