import { beforeAll, describe, expect, it } from "vitest";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { columnItems, encodeColumn } from "../../../core/bytes/column.ts";
import type { EpochState } from "../../../core/chain/epoch-state.ts";
import type { LedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { verifyEpochBoundary } from "../../../core/driver/epoch-boundary.ts";
import { selectLedgerInfo } from "../../../core/driver/ledger-info-selection.ts";
import { applyOutputs } from "../../../core/driver/pipeline.ts";
import { type VerifiedOutputs, verifyOutputs } from "../../../core/driver/verify-outputs.ts";
import { createLedger } from "../../../core/ledger/open-ledger.ts";
import type { LedgerWriter } from "../../../core/ledger/writer.ts";
import { markVerified, type Verified } from "../../../core/trust/verified.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { claimOutputs } from "../../helpers/fetch-outputs.ts";
import { refusal, VELOR } from "../../helpers/trust-context.ts";

const EPOCH_MISMATCH = refusal("EPOCH_MISMATCH");

describe("the end of an epoch", () => {
  let world: DevnetWorld;
  let ending: Verified<LedgerInfoWithSignatures>;
  let next: EpochState;
  /** The last transactions of the epoch. */
  let last: VerifiedOutputs;
  /** Some before them. */
  let before: VerifiedOutputs;

  beforeAll(async () => {
    world = await buildDevnetWorld({ blocks: 4, parameters: { accounts: 2, transactionsPerBlock: 1, epochBlocks: 2 } });
    const [first, second] = await world.ledger.epochEndings(1n, 2) as [
      LedgerInfoWithSignatures,
      LedgerInfoWithSignatures,
    ];
    ending = markVerified(second);
    next = second.ledgerInfo.commitInfo.nextEpochState as EpochState;
    const start = first.ledgerInfo.commitInfo.version + 1n;
    const end = second.ledgerInfo.commitInfo.version;
    const verified = async (firstVersion: bigint, lastVersion: bigint) =>
      verifyOutputs(VELOR, await claimOutputs(world, { firstVersion, lastVersion, target: second }));
    before = await verified(start, end - 2n);
    last = await verified(end - 1n, end);
  });

  it("is at the last transaction of the chunk that reaches an epoch-ending ledger info", () => {
    expect(() => verifyEpochBoundary(last, next, VELOR.profile)).not.toThrow();
    expect(() => verifyEpochBoundary(before, undefined, VELOR.profile)).not.toThrow();
    expect(selectLedgerInfo(VELOR, last, ending)).toBe(ending);
    expect(selectLedgerInfo(VELOR, before, ending)).toBeUndefined();
  });

  it("is refused where a transaction announces it and no ledger info does", () => {
    expect(() => verifyEpochBoundary(last, undefined, VELOR.profile)).toThrow(expect.objectContaining(EPOCH_MISMATCH));
  });

  it("is refused where a ledger info says so and no transaction announces it", () => {
    expect(() => verifyEpochBoundary(before, next, VELOR.profile)).toThrow(expect.objectContaining(EPOCH_MISMATCH));
  });

  it("is refused before the last transaction", () => {
    const { chunk } = last;
    // The two transactions' events the other way round.
    const early = { ...last, chunk: { ...chunk, events: encodeColumn(columnItems(chunk.events).reverse()) } };
    for (const claimed of [next, undefined]) {
      expect(() => verifyEpochBoundary(early, claimed, VELOR.profile)).toThrow(expect.objectContaining(EPOCH_MISMATCH));
    }
  });

  it("is refused with other validators, other powers, or another epoch than those in the write set", () => {
    const [one, ...others] = next.validators as [EpochState["validators"][number], ...EpochState["validators"]];
    const wrong: EpochState[] = [
      { ...next, epoch: next.epoch + 1n },
      { ...next, validators: others },
      { ...next, validators: [...others, one] },
      { ...next, validators: [{ ...one, votingPower: one.votingPower + 1n }, ...others] },
      { ...next, validators: [{ ...one, publicKey: one.publicKey.map((byte) => byte ^ 1) }, ...others] },
      { ...next, validators: [{ ...one, address: one.address.map((byte) => byte ^ 1) }, ...others] },
    ];
    for (const claimed of wrong) {
      expect(() => verifyEpochBoundary(last, claimed, VELOR.profile)).toThrow(expect.objectContaining(EPOCH_MISMATCH));
    }
  });

  it("is refused where the ledger info has another accumulator root than the ledger that reaches it", () => {
    const frozenRoots = last.accumulator.frozenRoots.map((byte) => byte ^ 1);
    const other = { ...last, accumulator: { ...last.accumulator, frozenRoots } };
    expect(() => selectLedgerInfo(VELOR, other, ending)).toThrow(expect.objectContaining(refusal("PROOF_MISMATCH")));
  });

  it("is not reached, nor anything committed, where proven write sets lead to another state", async () => {
    const context = world.context;
    const ledger = await createLedger(createMemoryKv(), { context, waypoint: world.waypoint });
    const [genesis] = await world.ledger.epochEndings(0n, 1) as [LedgerInfoWithSignatures];
    const claim = await claimOutputs(world, { firstVersion: 0n, lastVersion: 0n, target: genesis });
    const broken: LedgerWriter = Object.create(ledger, {
      stageState: {
        value: async (input: Parameters<LedgerWriter["stageState"]>[0]) => {
          const staged = await ledger.stageState(input);
          return { ...staged, rootHash: staged.rootHash.map((byte) => byte ^ 1) };
        },
      },
    });
    const apply = async (writer: LedgerWriter) =>
      applyOutputs(context, writer, { ...claim, progress: await ledger.progress() });
    await expect(apply(broken)).rejects.toMatchObject({ code: "STORAGE_CORRUPT", fault: "storage" });
    expect((await ledger.progress()).preCommittedVersion).toBeUndefined();
    expect((await apply(ledger)).committedVersion).toBe(0n);
  });
});
