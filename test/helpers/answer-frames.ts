/**
 * Answers made by hand: bytes that look like nothing on the wire, but are as large and as compressible as a test wants.
 *
 * @module
 */
import { createSeededRandom } from "../../adapters/devnet/seeded-random.ts";
import type { AnswerFrame } from "../../core/storage-service/answer-frame.ts";

/** An immutable answer of `sizeBytes` bytes that repeat. */
export function repeatingFrame(sizeBytes: number): AnswerFrame {
  const bytes = Uint8Array.from({ length: sizeBytes }, (_, i) => i % 251);
  return { bytes, lifetime: "immutable", kind: "stateValueChunkWithProof" };
}

/** Bytes that no coding makes shorter; the same at every call. */
export function randomBytes(sizeBytes: number): Uint8Array<ArrayBuffer> {
  const random = createSeededRandom(new Uint8Array(16).fill(7));
  return Uint8Array.from({ length: sizeBytes }, () => random.below(256));
}
