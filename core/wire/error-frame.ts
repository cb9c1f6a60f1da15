/**
 * Error frames: `[protocol, chain, 255, code, message]`, and a sixth field where the code has a value: the checkpoint at or
 * below, the lowest version kept, the limit, the milliseconds to wait.
 *
 * @module
 */
import { utf8Bytes } from "../bytes/bytes.ts";
import { SyncError, type SyncErrorCode } from "../errors.ts";
import { asU64, type CborValue } from "./cbor.ts";
import type { FieldReader } from "./fields.ts";
import { encodeFrame } from "./frame.ts";
import { MAX_ERROR_MESSAGE_BYTES, MAX_RETRY_AFTER_MS } from "./limits.ts";

/** Number of the error frame among the variants. */
export const ERROR_VARIANT = 255;

/** Codes that travel, and their numbers. Any other error of a server travels as INTERNAL. */
export const ERROR_CODES = {
  INVALID_REQUEST: 1,
  NOT_SERVICEABLE: 2,
  NOT_A_CHECKPOINT: 3,
  PRUNED: 4,
  TOO_LARGE: 5,
  TOO_MANY_REQUESTS: 6,
  TOO_MANY_INVALID_REQUESTS: 7,
  WRONG_CHAIN: 8,
  INTERNAL: 9,
} as const;

/** A code that can stand in an error frame. */
export type WireErrorCode = keyof typeof ERROR_CODES;

/** The key of `SyncError.detail` that the sixth field carries. */
const DETAIL_KEYS: { readonly [code in WireErrorCode]?: string } = {
  NOT_A_CHECKPOINT: "checkpoint",
  PRUNED: "lowest",
  TOO_LARGE: "limit",
  TOO_MANY_REQUESTS: "retryAfterMs",
  TOO_MANY_INVALID_REQUESTS: "retryAfterMs",
};

const CODE_BY_NUMBER: ReadonlyMap<number, WireErrorCode> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(ERROR_CODES).map(([code, value]) => [value, code as WireErrorCode]),
);

/** Tells whether `code` can stand in an error frame. */
export function isWireErrorCode(code: SyncErrorCode): code is WireErrorCode {
  return code in ERROR_CODES;
}

/**
 * Encodes an error. Its message is cut at 1,024 bytes; of its detail only the value that the code has travels.
 *
 * @param chain 32 bytes; all zeros if not known.
 * @param error Anything that is not one of the travelling codes is sent as INTERNAL, without its message.
 */
export function encodeError(chain: Uint8Array, error: SyncError): Uint8Array<ArrayBuffer> {
  const { code } = error;
  if (!isWireErrorCode(code)) {
    return encodeFrame(chain, ERROR_VARIANT, [ERROR_CODES.INTERNAL, "The server failed on its side"]);
  }
  const fields: CborValue[] = [ERROR_CODES[code], shortened(error.message)];
  const key = DETAIL_KEYS[code];
  const value = key === undefined ? undefined : error.detail[key];
  if (typeof value === "bigint") fields.push(asU64(value));
  if (typeof value === "number") fields.push(asU64(BigInt(Math.ceil(value))));
  return encodeFrame(chain, ERROR_VARIANT, fields);
}

/**
 * Reads the fields of an error frame into the error they describe. It is returned, not thrown.
 *
 * `retryAfterMs` is capped at 30 seconds: a peer cannot make us wait longer.
 *
 * @throws {SyncError} `MALFORMED_FRAME` if they are not those of an error.
 */
export function readError(fields: FieldReader): SyncError {
  const number = fields.u32(255);
  const code = CODE_BY_NUMBER.get(number);
  if (code === undefined) throw fields.malformed(`is the number of an error, current value is ${number}`);
  const message = fields.text();
  const key = DETAIL_KEYS[code];
  if (key === undefined || fields.left === 0) return new SyncError(code, message);
  const value = fields.u64();
  const detail = key === "retryAfterMs" ? Math.min(Number(value), MAX_RETRY_AFTER_MS) : value;
  return new SyncError(code, message, { detail: { [key]: detail } });
}

/** Longest well-formed beginning of `text` within the limit. */
function shortened(text: string): string {
  let end = Math.min(text.length, MAX_ERROR_MESSAGE_BYTES);
  while (utf8Bytes(text.slice(0, end)).length > MAX_ERROR_MESSAGE_BYTES) end--;
  // A lone surrogate (where the cut went through a pair, too) has no UTF-8.
  return text.slice(0, end).toWellFormed();
}
