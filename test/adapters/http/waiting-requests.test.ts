import { beforeAll, describe, expect, it } from "vitest";
import type { RequestRecord } from "../../../adapters/http/request-log.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import { UNKNOWN_REQUESTER } from "../../../core/storage-service/requester.ts";
import { requestOfPath } from "../../../core/wire/paths.ts";
import { encodeRequest } from "../../../core/wire/request.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { askOf, serverOf } from "../../helpers/http-world.ts";

let world: DevnetWorld;
let head: bigint;
let end: bigint;
let chain: Uint8Array;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 8 });
  const progress = await world.ledger.progress();
  head = progress.committedVersion ?? 0n;
  chain = progress.chain;
  end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
});

describe("what waits", () => {
  it("is given up when its client goes away, and nothing is said of it but in the request log", async () => {
    const server = serverOf(world);
    const given: (AbortSignal | undefined)[] = [];
    const answer: typeof server.answer = (request, requester, signal) => {
      given.push(signal);
      if (signal === undefined) return server.answer(request, requester);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const records: RequestRecord[] = [];
    const logged: string[] = [];
    const waiting = askOf(world, {
      server: { ...server, answer },
      onRequest: (record) => records.push(record),
      log: { ...SILENT_LOG, error: (message) => logged.push(message) },
    });
    const known = { knownVersion: head, knownEpoch: 3n };
    const body = encodeRequest(chain, {
      kind: "subscribeTransactionOutputsWithProof",
      stream: { ...known, streamId: 5n },
      streamIndex: 0n,
    });
    const asked: [path: string, init: RequestInit][] = [[`/v1/new/either/${head}/3`, {}], ["/v1/request", {
      method: "POST",
      body,
    }]];
    for (const [path, init] of asked) {
      const client = new AbortController();
      const reply = waiting(path, { ...init, signal: client.signal });
      await expect.poll(() => given.length).toBe(records.length + 1);
      client.abort();
      expect((await reply).status).toBe(499);
    }
    expect(records.map(({ status, bytes }) => ({ status, bytes }))).toEqual([
      { status: 499, bytes: 0 },
      { status: 499, bytes: 0 },
    ]);
    expect(logged).toEqual([]);
    expect((await waiting("/v1/summary")).status).toBe(200);
    expect(given.map((signal) => signal?.aborted)).toEqual([true, true, undefined]);
  });

  it("may not be kept, whatever the answer's lifetime", async () => {
    const server = serverOf(world);
    const answer = () => server.answer(requestOfPath(`/v1/outputs/2-3@${end}`).request, UNKNOWN_REQUESTER);
    const response = await askOf(world, { server: { ...server, answer } })(`/v1/new/outputs/1/1`);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("etag")).toBeNull();
  });
});
