/**
 * How full an answer is while it is read: items, bytes, time.
 *
 * One of it belongs to one list of one answer. Items are taken in order, and the first that does not fit ends the list.
 *
 * @module
 */
import type { ReadBudget } from "./read-budget.ts";

/** Bounds of one list. */
export interface ResponseLimits {
  /** Most items. */
  readonly maxItems: number;
  /** Most bytes of all items together. */
  readonly maxBytes: number;
  /** Whether the first item is taken whatever its size, so that an answer is never empty. */
  readonly allowFirst: boolean;
}

/** Why a list holds fewer items than it may: its byte limit, or what reading may cost, which is time above all. */
export type Truncation = "size" | "time";

/** Follows one list. */
export class ResponseProgress {
  readonly #limits: ResponseLimits;
  readonly #budget: ReadBudget;
  #items = 0;
  #bytes = 0;
  #hasOverflowed = false;
  #isOutOfTime = false;

  /**
   * Begins an empty list.
   *
   * @param limits What the list may hold.
   * @param budget What reading may cost.
   */
  constructor(limits: ResponseLimits, budget: ReadBudget) {
    this.#limits = limits;
    this.#budget = budget;
  }

  /** Number of items taken. */
  get items(): number {
    return this.#items;
  }

  /** Tells whether an item of `bytes` can be taken next: all items together must stay within the limit, it included. */
  fits(bytes: number): boolean {
    if (this.#items >= this.#limits.maxItems) return false;
    if (this.#items === 0 && this.#limits.allowFirst) return true;
    return this.#bytes + bytes <= this.#limits.maxBytes;
  }

  /**
   * Takes an item of `bytes` if it fits; if not, the list is complete.
   *
   * @returns Whether it was taken.
   */
  take(bytes: number): boolean {
    if (!this.fits(bytes)) {
      this.#hasOverflowed = true;
      return false;
    }
    this.#items++;
    this.#bytes += bytes;
    return true;
  }

  /** Tells whether nothing more is to be read: every item is there, the bytes are used up, or the budget is. Then it stays so. */
  isComplete(): boolean {
    if (this.#items >= this.#limits.maxItems || this.#isFull()) return true;
    this.#isOutOfTime ||= this.#budget.isSpent();
    return this.#isOutOfTime;
  }

  /** Why the list holds fewer items than it may; `undefined` if it does not, or if there simply are no more. */
  truncation(): Truncation | undefined {
    if (this.#items >= this.#limits.maxItems) return undefined;
    if (this.#isFull()) return "size";
    return this.#isOutOfTime ? "time" : undefined;
  }

  #isFull(): boolean {
    return this.#hasOverflowed || this.#bytes >= this.#limits.maxBytes;
  }
}
