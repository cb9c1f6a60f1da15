import { beforeAll, describe, expect, it } from "vitest";
import { type Column, encodeColumn } from "../../../core/bytes/column.ts";
import { encodeAuxiliaryInfo } from "../../../core/chain/auxiliary-info.ts";
import type { LedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { type OutputsClaim, verifyOutputs } from "../../../core/driver/verify-outputs.ts";
import { SyncError } from "../../../core/errors.ts";
import { emptyAccumulator } from "../../../core/merkle/accumulator.ts";
import { markVerified } from "../../../core/trust/verified.ts";
import type { TransactionOutputListWithProof } from "../../../core/wire/response-types.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { claimOutputs } from "../../helpers/fetch-outputs.ts";
import { VELOR } from "../../helpers/trust-context.ts";

/** Copies every byte string of a list, so that a test can change one. */
function copyOf(outputs: TransactionOutputListWithProof): TransactionOutputListWithProof {
  const copy = (column: Column) =>
    encodeColumn(Array.from({ length: column.count }, (_, i) => itemOf(column, i).slice()));
  return {
    ...outputs,
    transactions: copy(outputs.transactions),
    infos: copy(outputs.infos),
    events: copy(outputs.events),
    writeSets: copy(outputs.writeSets),
    ...(outputs.auxiliaryInfos === undefined ? {} : { auxiliaryInfos: copy(outputs.auxiliaryInfos) }),
    proof: {
      leftSiblings: outputs.proof.leftSiblings.slice(),
      rightSiblings: outputs.proof.rightSiblings.slice(),
    },
  };
}

const itemOf = (column: Column, i: number) => column.data.subarray(column.offsets[i], column.offsets[i + 1]);

describe("verification of outputs", () => {
  let world: DevnetWorld;
  let claim: OutputsClaim;

  const claimOf = (firstVersion: bigint, lastVersion: bigint, target: LedgerInfoWithSignatures) =>
    claimOutputs(world, { firstVersion, lastVersion, target });

  const errorOf = (changed: Partial<OutputsClaim>): unknown => {
    try {
      verifyOutputs(VELOR, { ...claim, ...changed });
      return undefined;
    } catch (error) {
      return error;
    }
  };

  beforeAll(async () => {
    world = await buildDevnetWorld({ blocks: 5, parameters: { accounts: 2, transactionsPerBlock: 1, epochBlocks: 2 } });
    const endings = await world.ledger.epochEndings(0n, 10);
    const target = endings[2] as LedgerInfoWithSignatures;
    const firstVersion = (endings[1] as LedgerInfoWithSignatures).ledgerInfo.commitInfo.version + 1n;
    claim = await claimOf(firstVersion + 1n, firstVersion + 3n, target);
  });

  it("accepts what the chain says, and computes the ledger after it", async () => {
    const { chunk, accumulator, fields } = verifyOutputs(VELOR, claim);
    expect(accumulator).toEqual(await world.ledger.accumulatorAt(accumulator.leafCount));
    expect(chunk.count).toBe(3);
    expect(fields.count).toBe(3);
    expect(chunk.events.count).toBe(3);
    expect(claim.outputs.proof.leftSiblings.length).toBeGreaterThan(0);
    expect(claim.outputs.proof.rightSiblings.length).toBeGreaterThan(0);
  });

  it("accepts genesis on an empty ledger", async () => {
    const [genesis] = await world.ledger.epochEndings(0n, 1);
    const first = await claimOf(0n, 0n, genesis as LedgerInfoWithSignatures);
    expect(first.accumulator).toEqual(emptyAccumulator());
    expect(verifyOutputs(VELOR, first).accumulator.leafCount).toBe(1n);
  });

  const columns = ["transactions", "infos", "events", "writeSets", "auxiliaryInfos"] as const;

  it.each(columns)("refuses every changed byte of the %s", (name) => {
    const outputs = copyOf(claim.outputs);
    const { data } = outputs[name] as Column;
    const accepted: number[] = [];
    for (let i = 0; i < data.length; i++) {
      data[i] = (data[i] as number) ^ (1 << (i % 8));
      const error = errorOf({ outputs });
      if (!(error instanceof SyncError) || error.fault !== "peer") accepted.push(i);
      data[i] = (data[i] as number) ^ (1 << (i % 8));
    }
    expect(data.length).toBeGreaterThan(0);
    expect(accepted).toEqual([]);
    expect(errorOf({ outputs })).toBeUndefined();
  });

  it.each(["leftSiblings", "rightSiblings"] as const)("refuses every changed byte of the %s", (name) => {
    const outputs = copyOf(claim.outputs);
    const siblings = outputs.proof[name];
    for (let i = 0; i < siblings.length; i++) {
      siblings[i] = (siblings[i] as number) ^ 1;
      expect(errorOf({ outputs })).toMatchObject({ code: "PROOF_MISMATCH" });
      siblings[i] = (siblings[i] as number) ^ 1;
    }
  });

  it.each(columns)("refuses %s that are too few, too many, or in another order", (name) => {
    const items = Array.from({ length: 3 }, (_, i) => itemOf(claim.outputs[name] as Column, i));
    const [first, second, third] = items as [Uint8Array, Uint8Array, Uint8Array];
    for (const list of [[first, second], [...items, third], [third, second, first]]) {
      expect(errorOf({ outputs: { ...claim.outputs, [name]: encodeColumn(list) } })).toMatchObject({ fault: "peer" });
    }
  });

  it("refuses siblings that are missing, too many or not whole", () => {
    const { proof } = claim.outputs;
    for (const name of ["leftSiblings", "rightSiblings"] as const) {
      const siblings = proof[name];
      for (const wrong of [siblings.slice(32), siblings.slice(0, -1), new Uint8Array([...siblings, ...siblings])]) {
        const outputs = { ...claim.outputs, proof: { ...proof, [name]: wrong } };
        expect(errorOf({ outputs })).toMatchObject({ code: "PROOF_MISMATCH" });
      }
    }
  });

  it("refuses a list that does not begin where the ledger ends, or is proven elsewhere", async () => {
    const { outputs } = claim;
    const mismatch = { code: "RESPONSE_MISMATCH" };
    expect(errorOf({ outputs: { ...outputs, firstVersion: outputs.firstVersion + 1n } })).toMatchObject(mismatch);
    expect(errorOf({ outputs: { ...outputs, firstVersion: outputs.firstVersion - 1n } })).toMatchObject(mismatch);
    expect(errorOf({ outputs: { ...outputs, proofVersion: outputs.proofVersion + 1n } })).toMatchObject(mismatch);
    const [genesis] = await world.ledger.epochEndings(0n, 1);
    expect(errorOf({ ledgerInfo: markVerified(genesis as LedgerInfoWithSignatures) })).toMatchObject(mismatch);
  });

  it("refuses outputs that are true and continue another ledger", () => {
    const frozenRoots = claim.accumulator.frozenRoots.slice();
    frozenRoots[0] = (frozenRoots[0] as number) ^ 1;
    expect(errorOf({ accumulator: { ...claim.accumulator, frozenRoots } })).toMatchObject({ code: "PROOF_MISMATCH" });
  });

  it("takes a list without auxiliary infos only where there are none", () => {
    const { auxiliaryInfos: _, ...withoutAuxiliaryInfos } = claim.outputs;
    expect(errorOf({ outputs: withoutAuxiliaryInfos })).toMatchObject({ code: "PROOF_MISMATCH" });
    const none = encodeColumn([0, 1, 2].map(() => encodeAuxiliaryInfo({ kind: "none" })));
    expect(errorOf({ outputs: { ...claim.outputs, auxiliaryInfos: none } })).toMatchObject({ code: "PROOF_MISMATCH" });
  });
});
