import { beforeAll, describe, expect, it } from "vitest";
import { createFetchTransport, type Fetch } from "../../../adapters/http/http-transport.ts";
import { isSyncError, SyncError, type SyncErrorCode } from "../../../core/errors.ts";
import type { TransportOptions } from "../../../core/ports/transport.ts";
import { encodeError } from "../../../core/wire/error-frame.ts";
import { pathOfRequest } from "../../../core/wire/paths.ts";
import { encodeRequest } from "../../../core/wire/request.ts";
import { decodeResponse } from "../../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { askOf, BASE_URL } from "../../helpers/http-world.ts";

const PEER = "http://peer.test";
const OPTIONS: TransportOptions = { timeoutMs: 30_000, maxResponseBytes: 1_000 };
const MESSAGE = { path: "/v1/summary", body: new Uint8Array([1]) };
const CBOR = { "content-type": "application/cbor" };

async function sendTo(fetch: Fetch, options: Partial<TransportOptions> = {}) {
  return await createFetchTransport({ fetch }).send(PEER, MESSAGE, { ...OPTIONS, ...options });
}

function answer(body: Uint8Array | ReadableStream | null, init: ResponseInit = {}): Fetch {
  return () =>
    Promise.resolve(new Response(body as ConstructorParameters<typeof Response>[0], { headers: CBOR, ...init }));
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then((value) => expect.unreachable(`resolved to ${value}`), (error: unknown) => error);
}

async function expectFailure(promise: Promise<unknown>, code: SyncErrorCode): Promise<SyncError> {
  const error = await failureOf(promise);
  expect(isSyncError(error, code), String(error)).toBe(true);
  return error as SyncError;
}

/** A fetch that never answers, but obeys its signal. */
const silent: Fetch = (_, { signal }) =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));

describe("the fetch transport, with a real service", () => {
  let world: DevnetWorld;
  beforeAll(async () => {
    world = await buildDevnetWorld({ blocks: 1 });
  });

  it("brings the answer to a GET and to a POST, byte for byte", async () => {
    const ask = askOf(world);
    const seen: string[] = [];
    const transport = createFetchTransport({
      fetch: (url, init) => {
        seen.push(`${init.method} ${url.slice(BASE_URL.length)}`);
        return ask(url.slice(BASE_URL.length), init);
      },
    });
    const request = { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 0n } as const;
    const body = encodeRequest(new Uint8Array(32), request);
    const path = pathOfRequest(request) ?? "";
    const options = { ...OPTIONS, maxResponseBytes: 1 << 20 };
    const got = await transport.send(`${BASE_URL}/`, { path, body }, options);
    const posted = await transport.send(BASE_URL, { body }, options);
    expect(got).toEqual(posted);
    expect(decodeResponse(got, { maxBytes: 1 << 20 }).response?.kind).toBe("epochEndingLedgerInfos");
    expect(seen).toEqual(["GET /v1/epochs/0-0", "POST /v1/request"]);
  });

  it("rejects with the error of the service", async () => {
    const ask = askOf(world);
    const transport = createFetchTransport({ fetch: (url, init) => ask(url.slice(BASE_URL.length), init) });
    const message = { path: "/v1/states/9999/count", body: new Uint8Array() };
    await expectFailure(transport.send(BASE_URL, message, OPTIONS), "NOT_SERVICEABLE");
  });
});

describe("the fetch transport", () => {
  it("takes an answer of exactly the limit, and drops a longer one while it comes", async () => {
    expect((await sendTo(answer(new Uint8Array(1_000)))).length).toBe(1_000);
    let pulled = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 300;
        controller.enqueue(new Uint8Array(300));
      },
      cancel() {
        cancelled = true;
      },
    });
    const error = await expectFailure(sendTo(answer(endless)), "LIMIT_EXCEEDED");
    expect(error.detail).toMatchObject({ limit: 1_000 });
    expect(pulled).toBeLessThanOrEqual(2_100);
    expect(cancelled).toBe(true);
  });

  it("refuses an answer by its declared length before it reads", async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(1));
      },
    }, { highWaterMark: 0 });
    await expectFailure(
      sendTo(answer(body, { headers: { ...CBOR, "content-length": "1001" } })),
      "LIMIT_EXCEEDED",
    );
    expect(pulled).toBe(0);
  });

  it("does not believe a length that is not true", async () => {
    const body = new Uint8Array([1, 2, 3]);
    for (const declared of ["1", "900", "99999999999999999999", "-1", "x"]) {
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(body);
          controller.close();
        },
      });
      const headers = { ...CBOR, "content-length": declared };
      expect(await sendTo(answer(stream, { headers }))).toEqual(body);
    }
  });

  it("refuses redirects, and asks fetch not to follow them", async () => {
    let mode: string | undefined;
    const redirecting: Fetch = (_, init) => {
      mode = init.redirect;
      return Promise.resolve(new Response(null, { status: 302, headers: { location: "http://10.0.0.1/" } }));
    };
    await expectFailure(sendTo(redirecting), "CONNECTION_FAILED");
    expect(mode).toBe("manual");
  });

  it("refuses what is not CBOR", async () => {
    await expectFailure(
      sendTo(answer(new Uint8Array(3), { headers: { "content-type": "text/html" } })),
      "MALFORMED_FRAME",
    );
    await expectFailure(sendTo(answer(new Uint8Array(3), { headers: {} })), "MALFORMED_FRAME");
  });

  it("tells the time limit, its own abort and a broken connection apart", async () => {
    const error = await expectFailure(sendTo(silent, { timeoutMs: 20 }), "REQUEST_TIMEOUT");
    expect(error.detail["timeoutMs"]).toBe(20);
    const reason = new Error("enough");
    const controller = new AbortController();
    const pending = failureOf(sendTo(silent, { signal: controller.signal }));
    controller.abort(reason);
    expect(await pending).toBe(reason);
    const broken = await expectFailure(
      sendTo(() => Promise.reject(new TypeError("fetch failed"))),
      "CONNECTION_FAILED",
    );
    expect(broken.cause).toBeInstanceOf(TypeError);
    expect(broken.detail["peer"]).toBe(PEER);
  });

  it("does not begin when the signal is aborted already", async () => {
    let calls = 0;
    const counting: Fetch = (_url, init) => {
      calls++;
      return silent(_url, init);
    };
    const reason = new Error("enough");
    expect(await failureOf(sendTo(counting, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(calls).toBe(0);
  });

  it("limits the time of the body too", async () => {
    const trickle: Fetch = (_, { signal }) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array(1));
          signal?.addEventListener("abort", () => controller.error(signal.reason));
        },
      });
      return Promise.resolve(new Response(body, { headers: CBOR }));
    };
    await expectFailure(sendTo(trickle, { timeoutMs: 20 }), "REQUEST_TIMEOUT");
  });

  it("reports a body that breaks off as a broken connection", async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(1));
        controller.error(new TypeError("terminated"));
      },
    });
    await expectFailure(sendTo(answer(body)), "CONNECTION_FAILED");
  });

  const statuses: [status: number, code: SyncErrorCode][] = [
    [400, "INVALID_REQUEST"],
    [403, "CONNECTION_FAILED"],
    [404, "NOT_SERVICEABLE"],
    [413, "TOO_LARGE"],
    [429, "TOO_MANY_REQUESTS"],
    [500, "INTERNAL"],
    [502, "INTERNAL"],
    [503, "INTERNAL"],
    [206, "CONNECTION_FAILED"],
  ];
  it.each(statuses)("reads status %i of a proxy as %s", async (status, code) => {
    const html = new TextEncoder().encode("<html>".repeat(10_000));
    await expectFailure(sendTo(answer(html, { status, headers: { "content-type": "text/html" } })), code);
    await expectFailure(sendTo(answer(null, { status })), code);
  });

  it("passes the error of a frame on, with the wait of the header, capped at 30 seconds", async () => {
    const frame = encodeError(new Uint8Array(32), new SyncError("PRUNED", "gone", { detail: { lowest: 7n } }));
    const pruned = await expectFailure(sendTo(answer(frame, { status: 404 })), "PRUNED");
    expect(pruned.detail).toEqual({ lowest: 7n });
    const busy = encodeError(new Uint8Array(32), new SyncError("TOO_MANY_REQUESTS", "busy"));
    for (const [header, retryAfterMs] of [["2", 2_000], ["86400", 30_000], ["1e9", undefined]] as const) {
      const headers = { ...CBOR, "retry-after": header };
      const error = await expectFailure(sendTo(answer(busy, { status: 429, headers })), "TOO_MANY_REQUESTS");
      expect(error.detail["retryAfterMs"]).toBe(retryAfterMs);
    }
    const proxy = { status: 429, headers: { "retry-after": "86400" } };
    const error = await expectFailure(sendTo(answer(null, proxy)), "TOO_MANY_REQUESTS");
    expect(error.detail["retryAfterMs"]).toBe(30_000);
  });

  it("has no more exchanges under way than allowed, in the order they came", async () => {
    const started: string[] = [];
    const finish: (() => void)[] = [];
    const fetch: Fetch = (url) => {
      started.push(url.slice(PEER.length));
      return new Promise((resolve) => {
        finish.push(() => resolve(new Response(new Uint8Array(1), { headers: CBOR })));
      });
    };
    const transport = createFetchTransport({ fetch, maxConcurrent: 2 });
    const controller = new AbortController();
    const sendPath = (path: string, signal?: AbortSignal) =>
      transport.send(PEER, { path, body: new Uint8Array() }, signal === undefined ? OPTIONS : { ...OPTIONS, signal });
    const sent = [sendPath("/a"), sendPath("/b")];
    const aborted = failureOf(sendPath("/c", controller.signal));
    sent.push(sendPath("/d"));
    await Promise.resolve();
    controller.abort("gone");
    expect(await aborted).toBe("gone");
    expect(started).toEqual(["/a", "/b"]);
    finish.shift()?.();
    await sent[0];
    await expect.poll(() => started).toEqual(["/a", "/b", "/d"]);
    for (const release of finish) release();
    await Promise.all(sent);
  });

  it("counts the wait for a slot against the time limit", async () => {
    const transport = createFetchTransport({ fetch: silent, maxConcurrent: 1 });
    const first = failureOf(transport.send(PEER, MESSAGE, { ...OPTIONS, timeoutMs: 200 }));
    await expectFailure(transport.send(PEER, MESSAGE, { ...OPTIONS, timeoutMs: 20 }), "REQUEST_TIMEOUT");
    expect(isSyncError(await first, "REQUEST_TIMEOUT")).toBe(true);
  });

  it.each(["ftp://peer.test", "peer.test", "http://", "http://user:secret@peer.test", "http://peer.test?x=1", "/v1"])(
    "refuses the peer %s",
    async (peer) => {
      const transport = createFetchTransport({ fetch: silent });
      await expectFailure(transport.send(peer, MESSAGE, OPTIONS), "INVALID_ARGUMENT");
    },
  );

  it("refuses to have no exchanges at all", () => {
    expect(() => createFetchTransport({ fetch: silent, maxConcurrent: 0 })).toThrow("maxConcurrent");
  });
});
