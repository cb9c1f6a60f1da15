import { describe, expect, it } from "vitest";
import { createMemoryDisk, createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { encodeColumn } from "../../../core/bytes/column.ts";
import { ZERO_HASH } from "../../../core/chain/hash.ts";
import { createLedgerInfoWithSignatures, type LedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { isSyncError, type SyncErrorCode } from "../../../core/errors.ts";
import { createLedger } from "../../../core/ledger/open-ledger.ts";
import type { CommitInput, LedgerWriter } from "../../../core/ledger/writer.ts";
import { markVerified, type Verified } from "../../../core/trust/verified.ts";
import { waypointOf } from "../../../core/trust/waypoint.ts";
import { commitBlock, expectLedgerEquals, ledgerContext } from "../../helpers/ledger-checks.ts";
import { createLedgerWorld, type LedgerWorld } from "../../helpers/ledger-world.ts";
import { createSyntheticLedger, type SyntheticBlock } from "../../helpers/synthetic-ledger.ts";

const context = ledgerContext();
const FLIPPED = new Uint8Array(32).fill(0xee);

/** Demands that a call is refused, and that the store is what it was, byte for byte. */
async function expectRefused({ disk }: LedgerWorld, call: () => Promise<unknown>, code: SyncErrorCode): Promise<void> {
  const before = new Map(disk.values);
  await expect(call()).rejects.toSatisfy((error) => {
    if (!isSyncError(error, code)) throw error;
    return true;
  });
  expect(disk.values).toEqual(before);
}

function changed(
  info: LedgerInfoWithSignatures,
  change: Partial<LedgerInfoWithSignatures["ledgerInfo"]["commitInfo"]>,
): Verified<LedgerInfoWithSignatures> {
  const { ledgerInfo, signatures } = info;
  const commitInfo = { ...ledgerInfo.commitInfo, ...change };
  return markVerified(createLedgerInfoWithSignatures({ ...ledgerInfo, commitInfo }, signatures, context.profile));
}

async function staged(ledger: LedgerWriter, block: SyntheticBlock): Promise<CommitInput> {
  const version = block.chunk.firstVersion + BigInt(block.chunk.count) - 1n;
  const state = await ledger.stageState({ version, writeSets: [block.chunk.writeSets] });
  return { ...block, state };
}

describe("commit", () => {
  it("refuses a chunk that is not the next one, is not even, or has other info hashes", async () => {
    const here = await createLedgerWorld();
    const { ledger, reference } = here;
    const good = await staged(ledger, reference.next({ count: 4 }));
    const { chunk } = good;
    const bad = [
      reference.chunk(3n, 4),
      { ...chunk, firstVersion: 5n },
      { ...chunk, count: 3 },
      { ...chunk, events: encodeColumn([new Uint8Array(1)]) },
      { ...chunk, infoHashes: chunk.infoHashes.subarray(32) },
    ];
    for (const wrong of bad) {
      await expectRefused(here, () => ledger.commit({ ...good, chunk: wrong as typeof chunk }), "INVALID_ARGUMENT");
    }
    await ledger.commit(await staged(ledger, { chunk, ledgerInfo: good.ledgerInfo! }));
    await expectLedgerEquals(ledger, reference, 8, context);
  });

  it("refuses a chunk that crosses the end of an epoch, known or not", async () => {
    const here = await createLedgerWorld();
    const { ledger, reference } = here;
    const first = reference.next({ count: 2, endsEpoch: true });
    const second = reference.next({ count: 2 });
    const both = { chunk: reference.chunk(4n, 4), ledgerInfo: second.ledgerInfo };
    await expectRefused(here, async () => ledger.commit(await staged(ledger, both)), "INVALID_ARGUMENT");
    await ledger.storeEpochEndings([first.ledgerInfo]);
    await expectRefused(here, async () => ledger.commit(await staged(ledger, both)), "INVALID_ARGUMENT");
    const { preCommittedVersion } = await ledger.progress();
    expect(preCommittedVersion).toBe(3n);
  });

  it("refuses another state root than the info's, and a state that does not belong to it", async () => {
    const here = await createLedgerWorld();
    const { ledger, reference } = here;
    const block = reference.next({ count: 3, checkpoints: [0, 2] });
    const good = await staged(ledger, block);
    const early = await ledger.stageState({ version: 4n, writeSets: [block.chunk.writeSets] });
    const wrong = await ledger.stageState({
      version: 6n,
      writeSets: [reference.chunk(1n, 3).writeSets],
    });
    await expectRefused(here, () => ledger.commit({ ...good, state: wrong }), "PROOF_MISMATCH");
    await expectRefused(here, () => ledger.commit({ ...good, state: early }), "INVALID_ARGUMENT");
    await expectRefused(here, () => ledger.commit(block), "INVALID_ARGUMENT");
    await expectRefused(here, () => ledger.commit({ ...good, state: { ...good.state! } }), "INVALID_ARGUMENT");
    await ledger.commit(good);
    const stale = await staged(ledger, reference.next({ count: 1 }));
    await ledger.commit(await staged(ledger, { chunk: stale.chunk, ledgerInfo: stale.ledgerInfo! }));
    await expectRefused(
      here,
      () => ledger.commit({ ...stale, chunk: reference.next({ count: 1 }).chunk }),
      "INVALID_ARGUMENT",
    );
  });

  it("refuses a state that was staged before another commit, even if its root is right", async () => {
    const here = await createLedgerWorld();
    const { ledger, reference } = here;
    const { chunk, ledgerInfo } = reference.next({ count: 4, checkpoints: [1, 3] });
    const early = await ledger.stageState({ version: 7n, writeSets: [chunk.writeSets] });
    await commitBlock(ledger, reference, { chunk: reference.chunk(4n, 2) });
    const rest = { chunk: reference.chunk(6n, 2), ledgerInfo };
    await expectRefused(here, () => ledger.commit({ ...rest, state: early }), "INVALID_ARGUMENT");
    await commitBlock(ledger, reference, rest);
    await expectLedgerEquals(ledger, reference, 8, context);
  });

  it("refuses a ledger info that says something else than the data", async () => {
    const here = await createLedgerWorld();
    const { ledger, reference } = here;
    const good = await staged(ledger, reference.next({ count: 2 }));
    const info = good.ledgerInfo!;
    const [ending] = reference.endings;
    const nextEpochState = ending!.ledgerInfo.commitInfo.nextEpochState;
    const cases: [Verified<LedgerInfoWithSignatures>, SyncErrorCode][] = [
      [changed(info, { executedStateId: FLIPPED }), "PROOF_MISMATCH"],
      [changed(info, { version: 6n }), "INVALID_ARGUMENT"],
      [changed(info, { epoch: 2n }), "EPOCH_MISMATCH"],
      [changed(info, { nextEpochState }), "PROOF_MISMATCH"],
    ];
    for (const [ledgerInfo, code] of cases) {
      await expectRefused(here, () => ledger.commit({ ...good, ledgerInfo }), code);
    }
    await ledger.commit(good);
  });

  it("demands the ledger info at the end of an epoch, with the validators that the data wrote", async () => {
    const here = await createLedgerWorld();
    const { ledger, reference } = here;
    const block = reference.next({ count: 2, endsEpoch: true });
    const good = await staged(ledger, block);
    const { commitInfo } = block.ledgerInfo.ledgerInfo;
    const nextEpochState = commitInfo.nextEpochState!;
    const [validator] = nextEpochState.validators;
    const others = { ...nextEpochState, validators: [{ ...validator!, votingPower: 99n }] };
    const open = changed(block.ledgerInfo, { nextEpochState: undefined });
    await expectRefused(here, () => ledger.commit({ chunk: good.chunk, state: good.state! }), "EPOCH_MISMATCH");
    await expectRefused(here, () => ledger.commit({ ...good, ledgerInfo: open }), "PROOF_MISMATCH");
    const replaced = changed(block.ledgerInfo, { nextEpochState: others });
    await expectRefused(here, () => ledger.commit({ ...good, ledgerInfo: replaced }), "PROOF_MISMATCH");
    const progress = await ledger.commit(good);
    expect(progress.epochState).toEqual(nextEpochState);
  });

  it("uses a stored epoch ending where none is given, and refuses another one", async () => {
    const here = await createLedgerWorld();
    const { ledger, reference } = here;
    const block = reference.next({ count: 2, endsEpoch: true });
    await ledger.storeEpochEndings([reference.endings[0]!, block.ledgerInfo]);
    expect((await ledger.progress()).epochEndings).toEqual({ firstEpoch: 0n, lastEpoch: 1n });
    expect((await ledger.progress()).epochState?.epoch).toBe(1n);
    const good = await staged(ledger, block);
    const other = changed(block.ledgerInfo, { round: 1_000n });
    await expectRefused(here, () => ledger.commit({ ...good, ledgerInfo: other }), "PROOF_MISMATCH");
    const progress = await ledger.commit({ chunk: good.chunk, state: good.state! });
    expect([progress.committedVersion, progress.epochState?.epoch]).toEqual([5n, 2n]);
    await expectLedgerEquals(ledger, reference, 6, context);
  });

  it("refuses staging without the write sets, or below the next version", async () => {
    const here = await createLedgerWorld();
    const { ledger, reference } = here;
    const { chunk } = reference.next({ count: 2 });
    await expectRefused(
      here,
      () => ledger.stageState({ version: 6n, writeSets: [chunk.writeSets] }),
      "INVALID_ARGUMENT",
    );
    await expectRefused(
      here,
      () => ledger.stageState({ version: 3n, writeSets: [chunk.writeSets] }),
      "INVALID_ARGUMENT",
    );
    await expectRefused(here, () => ledger.stageState({ version: 4n, writeSets: [] }), "INVALID_ARGUMENT");
    const broken = encodeColumn([new Uint8Array([9, 9])]);
    await expect(ledger.stageState({ version: 4n, writeSets: [broken] })).rejects.toSatisfy((error) =>
      isSyncError(error)
    );
  });

  it("changes nothing when only staging", async () => {
    const { disk, ledger, reference } = await createLedgerWorld();
    const before = new Map(disk.values);
    await staged(ledger, reference.next({ count: 2 }));
    expect(disk.values).toEqual(before);
  });
});

describe("storing epoch endings", () => {
  it("takes lists that continue or repeat what is stored, and refuses all others", async () => {
    const here = await createLedgerWorld();
    const { ledger, reference } = here;
    for (let i = 0; i < 4; i++) reference.next({ count: 1, endsEpoch: true });
    const [e0, e1, e2, e3, e4] = reference.endings as [
      Verified<LedgerInfoWithSignatures>,
      Verified<LedgerInfoWithSignatures>,
      Verified<LedgerInfoWithSignatures>,
      Verified<LedgerInfoWithSignatures>,
      Verified<LedgerInfoWithSignatures>,
    ];
    const refuse = (list: Verified<LedgerInfoWithSignatures>[], code: SyncErrorCode) =>
      expectRefused(here, () => ledger.storeEpochEndings(list), code);
    await refuse([e2], "EPOCH_MISMATCH");
    await refuse([e1, e3], "EPOCH_MISMATCH");
    await refuse([e1, changed(e2, { nextEpochState: undefined })], "EPOCH_MISMATCH");
    await refuse([e1, changed(e2, { version: e1.ledgerInfo.commitInfo.version })], "EPOCH_MISMATCH");
    await refuse([changed(e0, { executedStateId: FLIPPED }), e1], "PROOF_MISMATCH");
    await refuse([changed(e1, { version: 2n })], "EPOCH_MISMATCH");
    await ledger.storeEpochEndings([]);
    await ledger.storeEpochEndings([e0, e1]);
    await refuse([changed(e2, { version: e1.ledgerInfo.commitInfo.version })], "EPOCH_MISMATCH");
    await ledger.storeEpochEndings([e1, e2, e3]);
    await refuse([changed(e3, { executedStateId: FLIPPED })], "PROOF_MISMATCH");
    await ledger.storeEpochEndings([e3, e4]);
    expect((await ledger.epochEndings(0n, 9)).map(({ bytes }) => bytes)).toEqual(
      [e0, e1, e2, e3, e4].map(({ bytes }) => bytes),
    );
    expect((await ledger.progress()).preCommittedVersion).toBe(3n);
  });

  it("begins with the waypoint's", async () => {
    const reference = createSyntheticLedger(context, 5);
    reference.next({ count: 1 });
    const second = reference.next({ count: 2, endsEpoch: true });
    const disk = createMemoryDisk();
    const ledger = await createLedger(createMemoryKv(disk), { context, waypoint: reference.waypoint() });
    await expectRefused(
      { disk, ledger, reference },
      () => ledger.storeEpochEndings([second.ledgerInfo]),
      "WAYPOINT_MISMATCH",
    );
    await ledger.storeEpochEndings(reference.endings);
    expect((await ledger.progress()).epochEndings).toEqual({ firstEpoch: 0n, lastEpoch: 1n });
  });
});

describe("waypoint", () => {
  it("refuses genesis that is not the waypoint's", async () => {
    const [ours, theirs] = [createSyntheticLedger(context, 1), createSyntheticLedger(context, 2)];
    ours.next({ count: 1 });
    const genesis = theirs.next({ count: 1 });
    const disk = createMemoryDisk();
    const ledger = await createLedger(createMemoryKv(disk), { context, waypoint: ours.waypoint() });
    await expectRefused(
      { disk, ledger, reference: theirs },
      () => commitBlock(ledger, theirs, genesis),
      "WAYPOINT_MISMATCH",
    );
    const unsigned = { chunk: genesis.chunk };
    await expectRefused(
      { disk, ledger, reference: theirs },
      () => commitBlock(ledger, theirs, unsigned),
      "EPOCH_MISMATCH",
    );
  });

  it("replays everything below a later waypoint without ledger infos, and meets it exactly", async () => {
    const reference = createSyntheticLedger(context, 3);
    const blocks = [
      reference.next({ count: 1 }),
      reference.next({ count: 3 }),
      reference.next({ count: 2, endsEpoch: true }),
      reference.next({ count: 2, endsEpoch: true }),
    ];
    const last = reference.next({ count: 2 });
    const waypoint = { version: 7n, value: ZERO_HASH };
    const other = await createLedger(createMemoryKv(), { context, waypoint });
    for (const block of blocks.slice(0, 3)) await commitBlock(other, reference, { chunk: block.chunk });
    await expect(commitBlock(other, reference, blocks[3]!)).rejects.toSatisfy((e) =>
      isSyncError(e, "WAYPOINT_MISMATCH")
    );

    const real = waypointOf(context, reference.endings[2]!.ledgerInfo);
    const ledger = await createLedger(createMemoryKv(), { context, waypoint: real });
    await ledger.storeEpochEndings([reference.endings[2]!]);
    await commitBlock(ledger, reference, { chunk: blocks[0]!.chunk });
    expect(await ledger.epochEndingAt(0n)).toBeUndefined();
    expect((await ledger.readChunk({ firstVersion: 0n, count: 9, maxBytes: 1e9 })).count).toBe(1);
    await commitBlock(ledger, reference, blocks[1]!);
    const replayed = await commitBlock(ledger, reference, blocks[2]!);
    expect(replayed.epochEndings).toEqual({ firstEpoch: 1n, lastEpoch: 2n });
    expect((await ledger.epochEndingAt(6n))?.bytes).toEqual(reference.endings[2]!.bytes);
    const met = await commitBlock(ledger, reference, { chunk: blocks[3]!.chunk });
    expect([met.committedVersion, met.epochState?.epoch]).toEqual([7n, 3n]);
    await commitBlock(ledger, reference, last);
    await expectLedgerEquals(ledger, reference, 10, context);
  });
});

describe("a gap in the epoch endings", () => {
  it("ends lists, and leaves open which epoch a version is in", async () => {
    const reference = createSyntheticLedger(context, 3);
    const genesis = reference.next({ count: 1 });
    for (let i = 0; i < 2; i++) reference.next({ count: 3, endsEpoch: true });
    const waypoint = waypointOf(context, reference.endings[2]!.ledgerInfo);
    const ledger = await createLedger(createMemoryKv(), { context, waypoint });
    await ledger.storeEpochEndings([reference.endings[2]!]);
    const progress = await commitBlock(ledger, reference, genesis);
    expect(progress.epochEndings).toEqual({ firstEpoch: 2n, lastEpoch: 2n });
    expect((await ledger.epochEndings(0n, 9)).map(({ bytes }) => bytes)).toEqual([reference.endings[0]!.bytes]);
    expect((await ledger.epochEndings(2n, 9)).map(({ bytes }) => bytes)).toEqual([reference.endings[2]!.bytes]);
    expect(await ledger.epochEndingAt(2n)).toBeUndefined();
    expect((await ledger.epochEndingAt(6n))?.bytes).toEqual(reference.endings[2]!.bytes);
  });
});
