/**
 * How long an answer stays true, for whoever keeps copies of it.
 *
 * @module
 */
import { isCanonicalRange } from "../wire/ranges.ts";
import type { Truncation } from "./response-progress.ts";

/**
 * - `immutable`: a function of the ledger and the request; every server whose settings do not shorten it gives these bytes,
 *   for ever, and one whose settings do says `minute`.
 * - `minute`: true, but another server, or this one later, may answer in another shape.
 * - `second`: about the head, which moves.
 * - `none`: about this server; not to be kept.
 */
export type AnswerLifetime = "immutable" | "minute" | "second" | "none";

/** A list in answer to a range, as far as its lifetime depends on it. */
export interface ListAnswer {
  /** What was asked for. */
  readonly range: { readonly first: bigint; readonly last: bigint };
  /** Where canonical ranges are clipped for ever; absent where more items follow some day. */
  readonly clip?: bigint;
  /** Whether it is proven in another ledger info than the one that ends its epoch: few servers have it, and not for long. @default {false} */
  readonly isOpen?: boolean;
  /** The item cap of the wire, which no server's own is above. */
  readonly sharedMaxItems: number;
  /** Number of items in the answer. */
  readonly count: number;
  /** Why there are fewer than were asked for and allowed by the server's item cap, if there are. */
  readonly truncation: Truncation | undefined;
  /** The byte limit that this server kept to. */
  readonly maxBytes: number;
  /** The byte limit that a server keeps to whose settings are the wire's own limits. */
  readonly sharedMaxBytes: number;
  /** Whether a higher limit might have given another list instead of this one. @default {false} */
  readonly isSecondChoice?: boolean;
}

/**
 * The lifetime of a list. It is immutable if its range is canonical, and it ends where it would end on a server whose
 * settings are the wire's own limits: with the last item asked for, or at a byte limit that all servers share.
 */
export function listLifetime(list: ListAnswer): AnswerLifetime {
  if (list.truncation === "time") return "none";
  return isCanonical(list) && endsAsEverywhere(list) ? "immutable" : "minute";
}

function isCanonical({ range, clip, isOpen = false, sharedMaxItems }: ListAnswer): boolean {
  return !isOpen && isCanonicalRange(range, { maximum: sharedMaxItems, last: clip ?? range.last + 1n });
}

function endsAsEverywhere(list: ListAnswer): boolean {
  const { range, count, truncation, maxBytes, sharedMaxBytes, isSecondChoice = false } = list;
  const isWhole = BigInt(count) === range.last - range.first + 1n;
  if (maxBytes === sharedMaxBytes) return isWhole || truncation === "size";
  // What holds everything under a lower limit does so under a higher one.
  return isWhole && maxBytes < sharedMaxBytes && !isSecondChoice;
}
