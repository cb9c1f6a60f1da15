import { describe, expect, it } from "vitest";
import { createGzipCopies, type GzipCopy, prefersGzip } from "../../../adapters/http/gzip-copies.ts";
import type { AnswerFrame } from "../../../core/storage-service/answer-frame.ts";
import { randomBytes, repeatingFrame } from "../../helpers/answer-frames.ts";

async function inflated({ bytes }: GzipCopy): Promise<Uint8Array> {
  const stream = new Response(bytes).body?.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array>).arrayBuffer());
}

describe("a client", () => {
  const cases: [acceptEncoding: string | undefined, gzip: boolean][] = [
    [undefined, false],
    ["", false],
    ["gzip", true],
    ["GZIP", true],
    ["x-gzip", true],
    ["gzip, deflate, br, zstd", true],
    ["br;q=1.0, gzip;q=0.8, *;q=0.1", true],
    ["*", true],
    ["identity", false],
    ["br", false],
    ["gzip;q=0", false],
    ["*;q=1, gzip;q=0", false],
    ["*;q=0", false],
    ["identity;q=0.5, gzip;q=0.4", false],
    ["identity;q=0.5, gzip;q=0.5", true],
    ["not,gzipped", false],
  ];
  it.each(cases)("that says %s gets gzip: %s", (acceptEncoding, gzip) => {
    expect(prefersGzip(acceptEncoding)).toBe(gzip);
  });
});

describe("compressed copies", () => {
  it("hold the frame's bytes, and are made once", async () => {
    const copies = createGzipCopies();
    const frame = repeatingFrame(200_000);
    const [first, second] = await Promise.all([copies.copyOf(frame), copies.copyOf(frame)]);
    expect(first).toBeDefined();
    expect(second).toBe(first);
    expect(copies.copyOf(frame)).toBe(first);
    const { bytes } = first as GzipCopy;
    expect(bytes.length).toBeLessThan(frame.bytes.length / 10);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect(await inflated(first as GzipCopy)).toEqual(frame.bytes);
  });

  it("are made of what is small only if it is asked for again, and never of what is tiny", async () => {
    const copies = createGzipCopies();
    const [tiny, small] = [repeatingFrame(1_023), repeatingFrame(1_024)];
    for (const frame of [tiny, small, tiny]) expect(copies.copyOf(frame)).toBeUndefined();
    expect(await copies.copyOf(small)).toBeDefined();
  });

  it("are made of a few at a time; what comes meanwhile goes as it is", async () => {
    const copies = createGzipCopies();
    const frames = Array.from({ length: 20 }, () => repeatingFrame(100_000));
    const begun = frames.map((frame) => copies.copyOf(frame)).filter((copy) => copy !== undefined);
    expect(begun).toHaveLength(16);
    await Promise.all(begun);
    expect(await copies.copyOf(frames[19] as AnswerFrame)).toBeDefined();
  });

  it("are not made of what does not shrink; that is found out once", async () => {
    const copies = createGzipCopies();
    const noise: AnswerFrame = { ...repeatingFrame(1), bytes: randomBytes(50_000) };
    expect(await copies.copyOf(noise)).toBeUndefined();
    expect(copies.copyOf(noise)).not.toBeInstanceOf(Promise);
  });
});
