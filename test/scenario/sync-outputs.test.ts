import { beforeAll, describe, expect, it } from "vitest";
import { createDirectTransport } from "../../adapters/memory/direct-transport.ts";
import { createMemoryKv } from "../../adapters/memory/memory-kv.ts";
import { buildDevnetWorld, type DevnetWorld, ledgerSummary, serveWorld, setUpSync } from "../helpers/devnet-world.ts";

describe("sync of outputs from genesis", () => {
  let world: DevnetWorld;
  beforeAll(async () => {
    world = await buildDevnetWorld({ blocks: 11 });
  });

  it("ends with the ledger of its peer", async () => {
    const transport = createDirectTransport(new Map([["http://a", serveWorld(world)]]));
    const { driver, ledger } = await setUpSync({ world, transport, peers: ["http://a"], kv: createMemoryKv() });
    const report = await driver.run();
    expect(await ledgerSummary(world.context, ledger)).toEqual(await ledgerSummary(world.context, world.ledger));
    expect(report.transactions).toBe((report.version as bigint) + 1n);
  });
});
