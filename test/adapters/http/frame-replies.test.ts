import { describe, expect, it } from "vitest";
import { type Conditions, createFrameReplies } from "../../../adapters/http/frame-replies.ts";
import type { AnswerFrame } from "../../../core/storage-service/answer-frame.ts";
import { repeatingFrame } from "../../helpers/answer-frames.ts";
import { VELOR } from "../../helpers/trust-context.ts";

const KEPT: Conditions = { mayBeKept: true };
const GZIP: Conditions = { mayBeKept: true, acceptEncoding: "gzip" };

/** The maker of replies, and how often it hashed. */
function replies(compression: boolean) {
  let hashCount = 0;
  const replyOf = createFrameReplies({
    sha3(bytes) {
      hashCount++;
      return VELOR.hasher.hash(new Uint8Array(0), bytes);
    },
    compression,
  });
  return { replyOf, hashCount: () => hashCount };
}

describe("the replies of one answer", () => {
  it("hash it once, whatever is asked, and share headers and body", async () => {
    const { replyOf, hashCount } = replies(true);
    const frame = repeatingFrame(20_000);
    const [plain, again, zipped] = [await replyOf(frame, KEPT), await replyOf(frame, KEPT), await replyOf(frame, GZIP)];
    expect(again).toBe(plain);
    expect(await replyOf(frame, GZIP)).toBe(zipped);
    expect(plain.body).toBe(frame.bytes);
    const ifNoneMatch = plain.headers["etag"];
    expect(await replyOf(frame, { ...KEPT, ifNoneMatch })).toMatchObject({ status: 304, body: null });
    expect(await replyOf(frame, { ...GZIP, ifNoneMatch })).toMatchObject({ status: 304, body: null });
    expect(hashCount()).toBe(1);
  });

  it("do not hash what may not be kept", async () => {
    const { replyOf, hashCount } = replies(true);
    const lasting = repeatingFrame(20_000);
    for (const frame of [lasting, { ...lasting, lifetime: "none" } satisfies AnswerFrame]) {
      for (const acceptEncoding of [undefined, "gzip"]) {
        const reply = await replyOf(frame, { mayBeKept: false, acceptEncoding, ifNoneMatch: "*" });
        expect(reply).toMatchObject({ status: 200, headers: { "cache-control": "no-store" } });
        expect(reply.headers).not.toHaveProperty("etag");
        expect(reply.headers["content-encoding"]).toBe(acceptEncoding);
      }
    }
    expect(hashCount()).toBe(0);
  });

  it("differ in tag, length and coding where they are compressed", async () => {
    const { replyOf } = replies(true);
    const frame = repeatingFrame(20_000);
    const [plain, zipped] = [await replyOf(frame, KEPT), await replyOf(frame, GZIP)];
    expect(plain.headers).not.toHaveProperty("content-encoding");
    expect(zipped.headers).toEqual({
      ...plain.headers,
      "content-encoding": "gzip",
      "content-length": String(zipped.body?.length),
      etag: plain.headers["etag"]?.replace(/"$/, '-gzip"'),
    });
    expect(zipped.body?.length).toBeLessThan(1_000);
    expect(plain.headers["vary"]).toBe("Accept-Encoding");
    const zippedTag = zipped.headers["etag"];
    expect(await replyOf(frame, { ...GZIP, ifNoneMatch: zippedTag })).toMatchObject({
      status: 304,
      headers: { etag: zippedTag },
    });
    expect(await replyOf(frame, { ...KEPT, ifNoneMatch: zippedTag })).toMatchObject({ status: 200 });
  });

  it("are never compressed unless the operator wants it, or if the answer is small", async () => {
    expect((await replies(false).replyOf(repeatingFrame(20_000), GZIP)).headers).not.toHaveProperty("content-encoding");
    expect((await replies(true).replyOf(repeatingFrame(500), GZIP)).headers).not.toHaveProperty("content-encoding");
  });
});
