/**
 * Every bound of the wire protocol, with its reason.
 *
 * @module
 */

/** Number of the protocol that this code speaks: the first field of every frame. */
export const PROTOCOL_VERSION = 1;

/** Largest request body, in bytes: 64 KiB. The largest real request, 64 key hashes, has 2.1 KiB. */
export const MAX_REQUEST_BYTES = 65_536;

/** Deepest nesting of arrays: our deepest frame has 4 levels; recursion of a decoder stays far from its stack's end. */
export const MAX_DEPTH = 16;

/** Most CBOR items in one request: the largest has 16. */
export const MAX_REQUEST_ITEMS = 32;

/** Most CBOR items in one answer: 64 state values of 8 items each, and the frame around them. Lists travel as columns. */
export const MAX_RESPONSE_ITEMS = 640;

/** Largest answer a server builds, in bytes: 40 MiB, as in the reference; the largest a client may ask for. */
export const MAX_RESPONSE_BYTES: number = 40 * 1024 * 1024;

/**
 * Largest answer to a GET, in bytes: 4 MiB, a single larger item excepted. A GET cannot say how much its client takes, and
 * all servers must cut at the same item for their answers to be equal: so this is the bound of the smallest platform.
 */
export const GET_RESPONSE_BYTES: number = 4 * 1024 * 1024;

/** Most epoch endings in one answer. A power of two, so that pages are canonical ranges. */
export const MAX_EPOCH_CHUNK = 128;

/** Most state values in one answer. A power of two, so that pages are canonical ranges. */
export const MAX_STATE_CHUNK = 4096;

/** Most transactions in one answer. A power of two, so that chunks are canonical ranges. */
export const MAX_TRANSACTION_CHUNK = 2048;

/** Most outputs in one answer. A power of two, so that chunks are canonical ranges. */
export const MAX_OUTPUT_CHUNK = 2048;

/** Most state keys in one POST: one screen of a wallet, and 64 proofs of at most 8 KiB. */
export const MAX_KEY_HASHES = 64;

/** Most state keys in one GET, so that the path stays below 1,200 characters, well within every proxy's limit. */
export const MAX_PATH_KEY_HASHES = 16;

/** Longest path with its query, in characters: 16 hashes of 64 digits, three u64 and the names around them. */
export const MAX_PATH_LENGTH = 1_280;

/** Longest `fresh` token, in characters: any 256-bit value in hex. */
export const MAX_FRESH_TOKEN_LENGTH = 64;

/** Most siblings in one path of an accumulator: it has at most 2⁶³ leaves. */
export const MAX_ACCUMULATOR_SIBLINGS = 63;

/** Most siblings in one path of the state tree: one a bit of the key hash. */
export const MAX_STATE_SIBLINGS = 256;

/** Longest text of an error frame, in bytes of UTF-8. Longer ones are cut by the sender. */
export const MAX_ERROR_MESSAGE_BYTES = 1_024;

/** Most snapshots a summary names. */
export const MAX_SNAPSHOTS = 4;

/** Most peers an operator's list names, and the longest URL in it, in bytes. */
export const MAX_PEERS = 64;

/** Longest URL in a list of peers, in bytes. */
export const MAX_PEER_URL_BYTES = 256;

/**
 * Bytes of an answer that are not items, at most: two lists of 63 siblings, the frame around the columns, and their counts.
 * A range proof of state fits too as long as no two key hashes share 128 bits, which nobody can bring about. Set aside
 * before items are counted against a byte limit, so that the whole answer stays within it.
 */
export const ANSWER_OVERHEAD_BYTES = 4_608;

/** Longest wait that `Retry-After` of a peer can impose, in milliseconds; it delays only that peer. */
export const MAX_RETRY_AFTER_MS = 30_000;
