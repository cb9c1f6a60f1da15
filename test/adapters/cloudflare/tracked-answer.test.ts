import { describe, expect, it } from "vitest";
import { trackedAnswer } from "../../../adapters/cloudflare/tracked-answer.ts";

/** An application that always answers with so many bytes, and how often it was told that they were sent. */
function appOf(sizeBytes: number | null) {
  const told = { times: 0 };
  const body = sizeBytes === null ? null : new Uint8Array(sizeBytes).fill(7);
  const fetch = (_: Request, connection?: object) => {
    const { whenSent } = connection as { whenSent: (then: () => void) => void };
    whenSent(() => told.times++);
    return new Response(body, {
      status: 200,
      headers: { "content-length": String(sizeBytes ?? 1 << 20), etag: '"a"' },
    });
  };
  return { app: { fetch }, told };
}

const request = () => new Request("https://service.test/v1/outputs/0-1@2");

describe("an answer of the object", () => {
  it("counts until its last byte is read, and is the same", async () => {
    const { app, told } = appOf(1 << 20);
    const response = await trackedAnswer(app, request());
    expect([response.status, response.headers.get("etag")]).toEqual([200, '"a"']);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let length = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (length === 0) expect(told.times).toBe(0);
      expect(part.value.every((byte) => byte === 7)).toBe(true);
      length += part.value.length;
    }
    expect(length).toBe(1 << 20);
    await expect.poll(() => told.times).toBe(1);
  });

  it("counts no longer when its client goes away", async () => {
    const { app, told } = appOf(1 << 20);
    const response = await trackedAnswer(app, request());
    await response.body?.cancel();
    await expect.poll(() => told.times).toBe(1);
  });

  it("does not count if it is small or has no body", async () => {
    for (const size of [0, 1_000, null]) {
      const { app, told } = appOf(size);
      const response = await trackedAnswer(app, request());
      expect(told.times).toBe(1);
      expect((await response.arrayBuffer()).byteLength).toBe(size ?? 0);
    }
  });
});
