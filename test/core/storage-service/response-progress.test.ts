import { describe, expect, it } from "vitest";
import { createReadBudget } from "../../../core/storage-service/read-budget.ts";
import { ResponseProgress } from "../../../core/storage-service/response-progress.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";

/** At most 5 items, 2,000 bytes and 100 ms, where a test says nothing else. */
function progressOf(limits: { maxItems?: number; maxBytes?: number; allowFirst?: boolean } = {}) {
  const clock = createVirtualClock();
  const progress = new ResponseProgress(
    { maxItems: 5, maxBytes: 2_000, allowFirst: false, ...limits },
    createReadBudget(clock, { maxMs: 100 }),
  );
  return { clock, progress };
}

describe("response_progress_tracker", () => {
  it("data_items_fits_in_response: up to the limit and no byte above it", () => {
    const { progress } = progressOf();
    expect(progress.fits(2_000)).toBe(true);
    expect(progress.fits(2_001)).toBe(false);
    expect(progress.take(1_500)).toBe(true);
    expect(progress.fits(500)).toBe(true);
    expect(progress.fits(501)).toBe(false);
    expect(progress.take(499)).toBe(true);
    expect(progress.fits(1)).toBe(true);
    expect(progress.fits(2)).toBe(false);
  });

  it("data_items_fits_in_response: one of any size, where it is the first and that is allowed", () => {
    const strict = progressOf();
    expect(strict.progress.fits(10_000)).toBe(false);
    const { progress } = progressOf({ allowFirst: true });
    expect(progress.fits(10_000)).toBe(true);
    expect(progress.take(10_000)).toBe(true);
    expect(progress.fits(0)).toBe(false);
    expect(progress.isComplete()).toBe(true);
    expect(progress.items).toBe(1);
  });

  it("is_response_complete_all_items_fetched: when every item is there, and then it stays so", () => {
    const { clock, progress } = progressOf();
    for (let items = 0; items < 5; items++) {
      expect(progress.isComplete()).toBe(false);
      expect(progress.take(1)).toBe(true);
    }
    expect(progress.isComplete()).toBe(true);
    expect(progress.take(1)).toBe(false);
    clock.advance(1_000);
    expect(progress.isComplete()).toBe(true);
    expect(progress.items).toBe(5);
    expect(progress.truncation()).toBeUndefined();
  });

  it("is_response_complete_overflowed_data_size: when the bytes are used up, or an item did not fit", () => {
    const exact = progressOf();
    exact.progress.take(1_999);
    expect(exact.progress.isComplete()).toBe(false);
    exact.progress.take(1);
    expect(exact.progress.isComplete()).toBe(true);
    expect(exact.progress.truncation()).toBe("size");
    const { progress } = progressOf();
    progress.take(1_000);
    expect(progress.take(1_001)).toBe(false);
    expect(progress.isComplete()).toBe(true);
    expect(progress.items).toBe(1);
    expect(progress.truncation()).toBe("size");
  });

  it("is_response_complete_overflowed_storage_read_duration: when the time is up, and then it stays so", () => {
    const { clock, progress } = progressOf();
    progress.take(1);
    clock.advance(99);
    expect(progress.isComplete()).toBe(false);
    expect(progress.truncation()).toBeUndefined();
    clock.advance(1);
    expect(progress.isComplete()).toBe(true);
    expect(progress.truncation()).toBe("time");
  });

  it("names the size where both the bytes and the time are used up, and nothing where every item is there", () => {
    const late = progressOf();
    late.progress.take(2_000);
    late.clock.advance(500);
    expect([late.progress.isComplete(), late.progress.truncation()]).toEqual([true, "size"]);
    const whole = progressOf({ maxItems: 1 });
    whole.progress.take(2_000);
    whole.clock.advance(500);
    expect([whole.progress.isComplete(), whole.progress.truncation()]).toEqual([true, undefined]);
  });
});
