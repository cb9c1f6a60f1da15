/**
 * The envelope of every message: `[protocol, chain, variant, …fields]`.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";
import { type CborValue, decodeCbor, encodeCbor, type FrameLimits } from "./cbor.ts";
import { FieldReader } from "./fields.ts";
import { PROTOCOL_VERSION } from "./limits.ts";

/** What every message begins with. */
export interface FrameHead {
  /** 32-byte genesis waypoint value of the chain; all zeros: not known. */
  readonly chain: Uint8Array;
  /** Number of the message. */
  readonly variant: number;
  /** Positioned at the first field. */
  readonly fields: FieldReader;
}

const MAX_VARIANT = 255;

/** Encodes one message. `chain` has 32 bytes. */
export function encodeFrame(
  chain: Uint8Array,
  variant: number,
  fields: readonly CborValue[],
): Uint8Array<ArrayBuffer> {
  return encodeCbor([PROTOCOL_VERSION, chain, variant, ...fields]);
}

/**
 * Checks a message and reads its head.
 *
 * @throws {SyncError} `MALFORMED_FRAME` or `LIMIT_EXCEEDED` if it is not a frame of this protocol.
 */
export function decodeFrame(bytes: Uint8Array, limits: FrameLimits): FrameHead {
  const fields = new FieldReader(decodeCbor(bytes, limits), "frame");
  const protocol = fields.u64();
  if (protocol !== BigInt(PROTOCOL_VERSION)) {
    throw new SyncError(
      "MALFORMED_FRAME",
      `Cannot read frame: the protocol is ${PROTOCOL_VERSION}, current value is ${protocol}`,
    );
  }
  return { chain: fields.hash(), variant: fields.u32(MAX_VARIANT), fields };
}

/**
 * Demands that two messages or stores are of one chain, as far as both know theirs. Guards against mix-ups, never lies.
 *
 * @param expected 32 bytes; all zeros: not known.
 * @param actual 32 bytes; all zeros: not known.
 * @throws {SyncError} `WRONG_CHAIN` if both are known and differ.
 */
export function assertSameChain(expected: Uint8Array, actual: Uint8Array): void {
  if (isUnknownChain(expected) || isUnknownChain(actual) || equalBytes(expected, actual)) return;
  throw new SyncError("WRONG_CHAIN", "Cannot use message: it is of another chain");
}

/** Tells whether `chain` says "not known". */
export function isUnknownChain(chain: Uint8Array): boolean {
  return chain.every((byte) => byte === 0);
}
