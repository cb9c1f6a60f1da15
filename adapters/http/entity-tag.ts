/**
 * Strong entity tags: the whole SHA3-256 of the bytes before content coding.
 *
 * @module
 */
import { encodeHex } from "../../core/bytes/hex.ts";

/** 32-byte SHA3-256 of `bytes`, without a seed. */
export type Sha3 = (bytes: Uint8Array) => Uint8Array;

/** A content coding that answers are sent in, besides as they are. */
export type ContentCoding = "gzip";

/**
 * The tag of an answer: its hash in hex, and the content coding if one was applied, since those are other bytes.
 *
 * @param hash 32-byte SHA3-256 of the identity bytes.
 * @param coding Absent for the identity bytes.
 */
export function entityTag(hash: Uint8Array, coding?: ContentCoding): string {
  return coding === undefined ? `"${encodeHex(hash)}"` : `"${encodeHex(hash)}-${coding}"`;
}

/**
 * Tells whether `If-None-Match` names `tag` (RFC 9110 §13.1.2, weak comparison).
 *
 * @param header Value of the header, or `undefined` if it is absent.
 */
export function matchesEntityTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((item) => {
    const candidate = item.trim();
    return candidate === "*" || candidate === tag || candidate === `W/${tag}`;
  });
}
