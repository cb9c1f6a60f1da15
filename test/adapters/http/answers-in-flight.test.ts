import { beforeAll, describe, expect, it } from "vitest";
import { createStorageServiceApp } from "../../../adapters/http/storage-service-app.ts";
import type { ClientConnection, RequesterOf } from "../../../adapters/http/client-address.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import { createStorageServer } from "../../../core/storage-service/storage-server.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { BASE_URL } from "../../helpers/http-world.ts";
import { createSteppedClock } from "../../helpers/stepped-clock.ts";

const SOMEBODY = "192.0.2.1";
const SOMEBODY_ELSE = "192.0.2.2";

let world: DevnetWorld;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 3 });
});

/** Clients that take their answers when the test says so. */
function serve(maxAnswerBytesInFlight: number) {
  const clock = createSteppedClock();
  const config = { maxAnswerBytesInFlight, maxLruCacheBytes: 0, storageSummaryRefreshIntervalMs: 60_000 };
  const server = createStorageServer({ reader: world.ledger, context: world.context, config, clock, log: SILENT_LOG });
  const sha3 = (bytes: Uint8Array) => world.context.hasher.hash(new Uint8Array(0), bytes);
  const requesterOf: RequesterOf = ({ socketAddress }) => ({ address: socketAddress ?? "", trusted: false });
  const app = createStorageServiceApp({ server, sha3, nowMs: clock.nowMs, log: SILENT_LOG, requesterOf });
  const taken: (() => void)[] = [];
  const ask = async (path: string, socketAddress = SOMEBODY) => {
    const connection: ClientConnection = { socketAddress, whenSent: (then) => taken.push(then) };
    return (await app.fetch(new Request(BASE_URL + path), connection)).status;
  };
  return { ask, taken, clock };
}

describe("answers that clients do not take", () => {
  it("leave no room for others, until they are taken", async () => {
    const { ask, taken } = serve(1);
    expect(await ask("/v1/outputs/0-1@2")).toBe(200);
    let status = 0;
    const next = ask("/v1/outputs/1-2@2", SOMEBODY_ELSE).then((answered) => status = answered);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(status).toBe(0);
    taken[0]?.();
    expect(await next).toBe(200);
  });

  it("are waited for only so long: then others are told to come back", async () => {
    const { ask, clock } = serve(1);
    expect(await ask("/v1/outputs/0-1@2")).toBe(200);
    const next = ask("/v1/outputs/1-2@2", SOMEBODY_ELSE);
    await clock.advance(10_000);
    expect(await next).toBe(429);
  });

  it("are refused to whoever has enough of them, and keep no small answer from others", async () => {
    const { ask, taken } = serve(1);
    expect(await ask("/v1/outputs/0-1@2")).toBe(200);
    expect(await ask("/v1/summary")).toBe(429);
    const small = ["/v1/summary", "/v1/ledger-info/latest", "/v1/peers"];
    for (const [i, path] of small.entries()) expect(await ask(path, `192.0.2.1${i}`)).toBe(200);
    for (const then of taken) then();
    expect(await ask("/v1/summary")).toBe(200);
  });

  it("are answers alone, no errors", async () => {
    const { ask, taken } = serve(1 << 20);
    await ask("/v1/outputs/0-1@2");
    await ask("/v1/outputs/99-98@2");
    expect(taken).toHaveLength(1);
  });
});
