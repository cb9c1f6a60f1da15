import { beforeEach, describe, expect, it } from "vitest";
import { TREASURY_ADDRESS } from "../../../adapters/devnet/framework-resources.ts";
import { DISCARD_CODE, MAX_GAS_AMOUNT } from "../../../adapters/devnet/user-execution.ts";
import { decodeTransaction, encodeTransaction } from "../../../core/chain/transaction.ts";
import {
  BENCH_TIME_USECS,
  blockMetadata,
  createExecutorBench,
  type ExecutorBench,
  type Outcome,
  transferDraft,
} from "../../helpers/devnet-executor.ts";
import { VELOR, VERIFIER } from "../../helpers/trust-context.ts";

const NEWCOMER = new Uint8Array(32).fill(0x77);
let bench: ExecutorBench;

beforeEach(async () => {
  bench = await createExecutorBench(VELOR);
});

describe("a transaction that is discarded", () => {
  const draft = () => transferDraft(bench, { to: NEWCOMER, amount: 1n });

  it("changes nothing", async () => {
    const before = new Map(bench.values);
    const [outcome] = await bench.runDrafts([{ ...draft(), isOutOfTurn: true }]);
    expect(outcome).toEqual({
      status: { kind: "discard", statusCode: DISCARD_CODE.sequenceNumberTooNew },
      gasUsed: 0n,
      writes: [],
      events: [],
    });
    expect(bench.values).toEqual(before);
  });

  it("is one that ran already", async () => {
    const [signed] = await bench.sign([draft()]) as [Uint8Array];
    const [, again] = await bench.run([signed, signed]);
    expect(discardOf(again)).toBe(DISCARD_CODE.sequenceNumberTooOld);
  });

  it("is one after its time", async () => {
    const [signed] = await bench.sign([draft()]) as [Uint8Array];
    const timestampUsecs = BENCH_TIME_USECS + 600_000_000n;
    const [, outcome] = await bench.run([blockMetadata(bench, { timestampUsecs }), signed]);
    expect(discardOf(outcome)).toBe(DISCARD_CODE.expired);
  });

  it.each([
    ["another chain's", { chainId: 5 }, DISCARD_CODE.badChainId],
    ["one that wants too much gas", { maxGasAmount: MAX_GAS_AMOUNT + 1n }, DISCARD_CODE.maxGasTooHigh],
    ["one that pays too little", { gasUnitPrice: 99n }, DISCARD_CODE.gasPriceTooLow],
    ["one of nobody", { sender: NEWCOMER }, DISCARD_CODE.senderMissing],
    ["one of somebody else", { sender: TREASURY_ADDRESS }, DISCARD_CODE.invalidAuthKey],
    ["one that cannot pay", { gasUnitPrice: 10n ** 12n }, DISCARD_CODE.insufficientBalanceForFee],
  ])("is %s", async (_, change, statusCode) => {
    const [signed] = await bench.sign([draft()]) as [Uint8Array];
    const [outcome] = await bench.run([tampered(signed, change)]);
    expect(discardOf(outcome)).toBe(statusCode);
  });

  it("is one whose signature does not hold, where signatures are checked", async () => {
    const strict = await createExecutorBench(VELOR, { verifier: VERIFIER });
    const [signed] = await strict.sign([draft()]) as [Uint8Array];
    const [forged, genuine] = await strict.run([tampered(signed, { expirationTimestampSecs: 4_000_000_000n }), signed]);
    expect(discardOf(forged)).toBe(DISCARD_CODE.invalidSignature);
    expect(genuine?.status.kind).toBe("keep");
  });

  it("is anything that cannot be decoded, or that no user may send", async () => {
    const nonsense = [new Uint8Array(0), new Uint8Array([0]), new Uint8Array([250, 1]), new Uint8Array(300).fill(2)];
    const outcomes = await bench.run(nonsense);
    expect(outcomes.map(({ status }) => status.kind)).toEqual(["discard", "discard", "discard", "discard"]);
  });
});

/** The same transaction with other fields under the old signature. */
function tampered(signed: Uint8Array, change: object): Uint8Array {
  const decoded = decodeTransaction(signed);
  if (decoded.kind !== "user") throw new Error("not a user transaction");
  const { raw, authenticator } = decoded.transaction;
  return encodeTransaction({ kind: "user", transaction: { raw: { ...raw, ...change }, authenticator } });
}

function discardOf(outcome: Outcome | undefined): bigint | undefined {
  return outcome?.status.kind === "discard" ? outcome.status.statusCode : undefined;
}
