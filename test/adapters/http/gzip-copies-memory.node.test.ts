import { expect, it } from "vitest";
import { createGzipCopies, type GzipCopies } from "../../../adapters/http/gzip-copies.ts";
import { heapBytes } from "../../fuzz/memory.ts";
import { repeatingFrame } from "../../helpers/answer-frames.ts";

/** Of a frame that nobody keeps, which is used up when this returns. */
async function copyOfDroppedFrame(copies: GzipCopies): Promise<WeakRef<object>> {
  const copy = await copies.copyOf(repeatingFrame(200_000));
  if (copy === undefined) throw new Error("the frame is not compressed");
  return new WeakRef(copy);
}

it("compressed copies go with their frames", async () => {
  const copies = createGzipCopies();
  const kept = repeatingFrame(200_000);
  const copyOfKept = await copies.copyOf(kept);
  const copyOfDropped = await copyOfDroppedFrame(copies);
  await heapBytes();
  expect(copyOfDropped.deref()).toBeUndefined();
  expect(copies.copyOf(kept)).toBe(copyOfKept);
});
