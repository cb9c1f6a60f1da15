/**
 * Conformance of what waits: long-polls and subscriptions, over real connections and real time.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { REQUEST_PATH } from "../../adapters/http/openapi.ts";
import { fillPath, PATH_ROUTES } from "../../core/wire/path-routes.ts";
import { encodeRequest } from "../../core/wire/request.ts";
import { expectDocumented } from "../helpers/openapi-checks.ts";
import { expectReadableByPages } from "./gets.ts";
import { post } from "./posts.ts";
import { type RawRequest, sendRaw } from "./raw-request.ts";
import { frameOf, grow, LONG_WAIT_MS, responseOf, type Target, TARGET_CONFIG } from "./target.ts";

/** Far above every head: waits until its time is over. */
const FAR = 1_000_000n;
/** How long a request must be silent to count as waiting. */
const SILENT_MS = 400;

const PATIENT: { path?: string; response?: Promise<Response>; startedMs?: number } = {};

/** Begins the long wait, which goes on while other tests run. */
export function startLongWait({ ask, head }: Target): void {
  PATIENT.path = fillPath("newOutputs", { knownVersion: head + FAR, knownEpoch: 3n });
  PATIENT.startedMs = performance.now();
  PATIENT.response = ask(PATIENT.path);
}

/** Tells whether nothing comes for a while. */
async function isSilent(answer: Promise<unknown>): Promise<boolean> {
  const silence = new Promise<"silence">((resolve) => setTimeout(() => resolve("silence"), SILENT_MS));
  return await Promise.race([answer, silence]) === "silence";
}

/** A long-poll or an optimistic fetch far above the head, on a connection of its own. */
function waitFar({ url, head, chain, hangUp = "finish" }: Target, method: "GET" | "POST"): RawRequest {
  const known = { knownVersion: head + FAR, knownEpoch: 3n };
  if (method === "GET") return sendRaw(url, { path: fillPath("newOutputs", known), hangUp });
  const body = encodeRequest(chain, { kind: "getNewTransactionOutputsWithProof", ...known });
  return sendRaw(url, { path: REQUEST_PATH, body, hangUp });
}

/** Tries to wait, until there is room for it. */
async function waitInTurn(target: Target): Promise<RawRequest> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const request = waitFar(target, "GET");
    if (await isSilent(request.statusLine)) return request;
    expect(await request.statusLine).toContain(" 429 ");
    request.hangUp();
  }
  throw new Error("No request that was hung up on was given up");
}

/** Declares the tests. */
export function describeWaiting(target: () => Target): void {
  describe("a request that waits", () => {
    it("is answered when the chain grows, and not before", async () => {
      const { ask, world, document } = target();
      const { committedVersion: knownVersion = 0n, epochState } = await world.ledger.progress();
      const known = { knownVersion, knownEpoch: epochState?.epoch ?? 0n };
      const response = ask(fillPath("newTransactionsOrOutputs", known));
      expect(await isSilent(response)).toBe(true);
      await grow(target());
      const answer = await response;
      expect(answer.status).toBe(200);
      const { template } = PATH_ROUTES.newTransactionsOrOutputs;
      expectDocumented(document, { method: "GET", template }, answer);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expectReadableByPages(answer);
      const { data, ...echo } = await responseOf(answer, "newTransactionDataWithProof");
      expect(echo).toMatchObject(known);
      expect(data.firstVersion).toBe(knownVersion + 1n);
    });

    it("gets one answer after the other of its stream", async () => {
      const { ask, chain, world } = target();
      const { committedVersion: knownVersion = 0n, epochState } = await world.ledger.progress();
      const stream = { knownVersion, knownEpoch: epochState?.epoch ?? 0n, streamId: 77n };
      const subscribe = (streamIndex: bigint) =>
        post(ask, encodeRequest(chain, { kind: "subscribeTransactionOutputsWithProof", stream, streamIndex }));
      const [first, second] = [subscribe(0n), subscribe(1n)];
      await grow(target());
      const { data } = await responseOf(await first, "newTransactionOutputsWithProof");
      expect(data.firstVersion).toBe(knownVersion + 1n);
      await grow(target());
      const next = await responseOf(await second, "newTransactionOutputsWithProof");
      expect(next.data.firstVersion).toBe(knownVersion + 1n + BigInt(data.infos.count));
    });

    it("is told when there is nothing new in its time", async () => {
      const { ask, chain, head } = target();
      const stream = { knownVersion: head + FAR, knownEpoch: 3n, streamId: 78n };
      const startedMs = performance.now();
      const body = encodeRequest(chain, { kind: "subscribeTransactionOutputsWithProof", stream, streamIndex: 0n });
      const response = await post(ask, body);
      expect(performance.now() - startedMs).toBeGreaterThan(TARGET_CONFIG.maxSubscriptionPeriodMs - 100);
      expect(response.status).toBe(404);
      expect((await frameOf(response)).error?.code).toBe("NOT_SERVICEABLE");
    });

    it("is refused when too many wait, and is given up when its client hangs up", { timeout: 60_000 }, async () => {
      const { ask, document, head } = target();
      const free = TARGET_CONFIG.maxActiveOptimisticFetches - 1;
      const waiting = Array.from({ length: free }, (_, i) => waitFar(target(), i % 2 === 0 ? "GET" : "POST"));
      const silent = await Promise.all(waiting.map(({ statusLine }) => isSilent(statusLine)));
      expect(silent).toEqual(waiting.map(() => true));
      const refused = await ask(fillPath("newOutputs", { knownVersion: head + FAR, knownEpoch: 3n }));
      expect(refused.status).toBe(429);
      expect(refused.headers.get("retry-after")).toMatch(/^[1-9][0-9]*$/);
      expectReadableByPages(refused);
      expectDocumented(document, { method: "GET", template: PATH_ROUTES.newOutputs.template }, refused);
      expect((await frameOf(refused)).error?.code).toBe("TOO_MANY_REQUESTS");
      // One after the other hangs up, and each makes room for another, long before its own time is over.
      for (const request of waiting) {
        request.hangUp();
        const next = await waitInTurn(target());
        next.hangUp();
        // What hung up last must be gone too before it is the next one's turn.
        (await waitInTurn(target())).hangUp();
      }
    });

    it("is not cut off in half a minute of silence", { timeout: 60_000 }, async () => {
      const response = await (PATIENT.response as Promise<Response>);
      expect(performance.now() - (PATIENT.startedMs ?? 0)).toBeGreaterThan(LONG_WAIT_MS - 100);
      expect(response.status).toBe(404);
      expect((await frameOf(response)).error?.code).toBe("NOT_SERVICEABLE");
    });
  });
}
