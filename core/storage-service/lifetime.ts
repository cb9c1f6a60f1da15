/**
 * How long an answer stays true, for whoever keeps copies of it.
 *
 * @module
 */

/**
 * - `immutable`: a function of the ledger alone; every server that answers gives the same bytes, for ever.
 * - `minute`: true, but another server, or this one later, may answer in another shape.
 * - `second`: about the head, which moves.
 * - `none`: about this server; not to be kept.
 */
export type AnswerLifetime = "immutable" | "minute" | "second" | "none";
