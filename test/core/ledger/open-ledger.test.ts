import { describe, expect, it } from "vitest";
import { createMemoryDisk, createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { ZERO_HASH } from "../../../core/chain/hash.ts";
import { APTOS_PROFILE } from "../../../core/chain/profile.ts";
import { isSyncError, type SyncErrorCode } from "../../../core/errors.ts";
import { createLedger, openLedgerReader, openLedgerWriter } from "../../../core/ledger/open-ledger.ts";
import type { OrderedKv } from "../../../core/ports/ordered-kv.ts";
import { waypointOf } from "../../../core/trust/waypoint.ts";
import { commitBlock, expectLedgerEquals, ledgerContext } from "../../helpers/ledger-checks.ts";
import { createLedgerWorld } from "../../helpers/ledger-world.ts";
import { createSyntheticLedger } from "../../helpers/synthetic-ledger.ts";

const context = ledgerContext();
const FLIPPED = new Uint8Array(32).fill(0xee);

const refuse = (call: Promise<unknown>, code: SyncErrorCode) =>
  expect(call).rejects.toSatisfy((error) => isSyncError(error, code));

describe("opening a ledger", () => {
  it("refuses a store without a ledger, of another profile, network or waypoint, and a second creation", async () => {
    const { disk, reference } = await createLedgerWorld();
    const kv = createMemoryKv(disk);
    const aptos = { ...context, profile: APTOS_PROFILE };
    await refuse(openLedgerReader(createMemoryKv(), { context }), "INVALID_ARGUMENT");
    await refuse(openLedgerWriter(createMemoryKv(), { context }), "INVALID_ARGUMENT");
    await refuse(openLedgerReader(kv, { context: aptos }), "NETWORK_MISMATCH");
    await refuse(openLedgerWriter(kv, { context, chain: FLIPPED }), "NETWORK_MISMATCH");
    await refuse(openLedgerReader(kv, { context, waypoint: { version: 0n, value: FLIPPED } }), "NETWORK_MISMATCH");
    await refuse(openLedgerReader(kv, { context, waypoint: { version: 2n, value: FLIPPED } }), "NETWORK_MISMATCH");
    await refuse(createLedger(kv, { context, waypoint: reference.waypoint() }), "STORAGE_CONFLICT");
    await refuse(
      createLedger(createMemoryKv(), { context, waypoint: reference.waypoint(), chain: FLIPPED }),
      "INVALID_ARGUMENT",
    );
    const chain = reference.waypoint().value;
    const reader = await openLedgerReader(kv, { context, waypoint: reference.waypoint(), chain });
    expect((await reader.progress()).chain).toEqual(chain);
  });

  it("accepts the waypoint of any epoch ending that it holds", async () => {
    const { disk, ledger, reference } = await createLedgerWorld();
    await commitBlock(ledger, reference, reference.next({ count: 2, endsEpoch: true }));
    const waypoint = waypointOf(context, reference.endings[1]!.ledgerInfo);
    await openLedgerReader(createMemoryKv(disk), { context, waypoint });
    const wrong = { ...waypoint, value: FLIPPED };
    await refuse(openLedgerReader(createMemoryKv(disk), { context, waypoint: wrong }), "NETWORK_MISMATCH");
  });

  it("lets a writer say anew what a ledger trusts that nothing was verified for", async () => {
    const disk = createMemoryDisk();
    const reference = createSyntheticLedger(context, 77);
    const genesis = reference.next({ count: 1 });
    const waypoint = reference.waypoint();
    const aptos = { ...context, profile: APTOS_PROFILE };
    await createLedger(createMemoryKv(disk), { context: aptos, waypoint: { version: 0n, value: FLIPPED } });
    const before = new Map(disk.values);
    const kv = createMemoryKv(disk);
    for (const open of [openLedgerReader(kv, { context, waypoint }), openLedgerWriter(kv, { context })]) {
      await refuse(open, "NETWORK_MISMATCH");
    }
    expect(disk.values).toEqual(before);
    const ledger = await openLedgerWriter(kv, { context, waypoint });
    expect(await ledger.progress()).toMatchObject({ profile: "velor", waypoint, chain: waypoint.value });
    await commitBlock(ledger, reference, genesis);
    await expectLedgerEquals(ledger, reference, 1, context);
  });

  it("does not say anew what a ledger trusts when another writer filled it in the meantime", async () => {
    const disk = createMemoryDisk();
    const reference = createSyntheticLedger(context, 77);
    const genesis = reference.next({ count: 1 });
    const first = await createLedger(createMemoryKv(disk), { context, waypoint: reference.waypoint() });
    const kv = createMemoryKv(disk);
    const slow: OrderedKv = {
      get: (key) => kv.get(key),
      getMany: (keys) => kv.getMany(keys),
      scan: (range, options) => kv.scan(range, options),
      close: () => kv.close(),
      async commit(batch, options) {
        await commitBlock(first, reference, genesis);
        await kv.commit(batch, options);
      },
    };
    const other = { version: 0n, value: FLIPPED };
    await refuse(openLedgerWriter(slow, { context, waypoint: other }), "STORAGE_CONFLICT");
    await expectLedgerEquals(first, reference, 1, context);
    await refuse(openLedgerWriter(kv, { context, waypoint: other }), "NETWORK_MISMATCH");
  });

  it("takes the place of a writer before, whose commits then conflict", async () => {
    const { disk, ledger, reference } = await createLedgerWorld();
    const next = await openLedgerWriter(createMemoryKv(disk), { context });
    const block = reference.next({ count: 2 });
    const before = new Map(disk.values);
    await refuse(commitBlock(ledger, reference, block), "STORAGE_CONFLICT");
    expect(disk.values).toEqual(before);
    await commitBlock(next, reference, block);
    await expectLedgerEquals(next, reference, 6, context);
  });

  it("pins a chain that was not known, once", async () => {
    const reference = createSyntheticLedger(context, 4);
    reference.next({ count: 1 });
    const kv = createMemoryKv();
    const ledger = await createLedger(kv, { context, waypoint: { version: 9n, value: FLIPPED } });
    expect((await ledger.progress()).chain).toEqual(ZERO_HASH);
    await ledger.pinChain(FLIPPED);
    await ledger.pinChain(FLIPPED);
    expect((await ledger.progress()).chain).toEqual(FLIPPED);
    const other = new Uint8Array(32).fill(1);
    await refuse(ledger.pinChain(other), "NETWORK_MISMATCH");
    await refuse(ledger.pinChain(ZERO_HASH), "INVALID_ARGUMENT");
    await refuse(openLedgerReader(kv, { context, chain: other }), "NETWORK_MISMATCH");
  });
});
