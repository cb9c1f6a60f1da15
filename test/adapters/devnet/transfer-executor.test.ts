import { beforeEach, describe, expect, it } from "vitest";
import { ACCOUNT, COIN_STORE } from "../../../adapters/devnet/account-resources.ts";
import { decodeSupply } from "../../../adapters/devnet/coin.ts";
import { type Draft, frameworkCall, u64Argument } from "../../../adapters/devnet/drafts.ts";
import { BLOCK, SUPPLY_SLOT, TIMESTAMP, TREASURY_ADDRESS } from "../../../adapters/devnet/framework-resources.ts";
import { STAKE_POOL } from "../../../adapters/devnet/stake-resources.ts";
import { createTransferExecutor } from "../../../adapters/devnet/transfer-executor.ts";
import { MAX_GAS_AMOUNT } from "../../../adapters/devnet/user-execution.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { FRAMEWORK_ADDRESS } from "../../../core/chain/address.ts";
import { decodeBcs, encodeBcs } from "../../../core/chain/bcs.ts";
import type { ContractEvent } from "../../../core/chain/event.ts";
import { encodeStateKey } from "../../../core/chain/state-key.ts";
import { decodeStateValue } from "../../../core/chain/state-value.ts";
import { encodeTransaction } from "../../../core/chain/transaction.ts";
import { encodeTransactionOutput } from "../../../core/chain/transaction-output.ts";
import {
  BENCH_TIME_USECS,
  blockMetadata,
  createExecutorBench,
  type ExecutorBench,
  inputOf,
  type Outcome,
  transferDraft,
} from "../../helpers/devnet-executor.ts";
import { VELOR } from "../../helpers/trust-context.ts";

const NEWCOMER = new Uint8Array(32).fill(0x77);
const GAS_PRICE = 100n;
let bench: ExecutorBench;

beforeEach(async () => {
  bench = await createExecutorBench(VELOR);
});

describe("a transfer", () => {
  it("moves coins, counts the sender up, burns the fee, and writes nothing else", async () => {
    const from = bench.accounts.account("operator", 0).address;
    const to = bench.accounts.account("operator", 1).address;
    const before = await balances(from, to);
    const [outcome] = await bench.runDrafts([transferDraft(bench, { to, amount: 1_234n })]);
    const after = await balances(from, to);

    expect(outcome?.status).toEqual({ kind: "keep", status: { kind: "success" } });
    const fee = (outcome as Outcome).gasUsed * GAS_PRICE;
    expect(fee).toBeGreaterThan(0n);
    expect(after.from).toBe(before.from - 1_234n - fee);
    expect(after.to).toBe(before.to + 1_234n);
    expect(after.supply).toBe(before.supply - fee);
    expect((await bench.resource(ACCOUNT, from)).sequenceNumber).toBe(1n);
    expect(writtenBy(outcome)).toEqual(
      slots(ACCOUNT.slot(from), COIN_STORE.slot(from), COIN_STORE.slot(to), SUPPLY_SLOT),
    );
    expect(outcome?.writes.map(({ op }) => op.kind)).toEqual([
      "modification",
      "modification",
      "modification",
      "modification",
    ]);
    expect(outcome?.events.map(nameOf)).toEqual(["WithdrawEvent", "DepositEvent", "FeeStatement"]);
  });

  it("numbers the events of each account's streams", async () => {
    const to = bench.accounts.account("operator", 1).address;
    const draft = transferDraft(bench, { to, amount: 1n });
    const outcomes = await bench.runDrafts([draft, draft, draft]);
    const deposits = outcomes.flatMap(({ events }) => events).filter((event) => nameOf(event) === "DepositEvent");
    expect(deposits.map((event) => event.kind === "v1" && [event.sequenceNumber, event.key.creationNumber])).toEqual([
      [0n, 2n],
      [1n, 2n],
      [2n, 2n],
    ]);
  });

  it("creates an account that is not there, which pays a deposit for its slots", async () => {
    const draft = transferDraft(bench, { to: NEWCOMER, amount: 5n });
    const [, outcome] = await bench.run([blockMetadata(bench), ...await bench.sign([draft])]);
    expect((await bench.resource(COIN_STORE, NEWCOMER)).balance).toBe(5n);
    expect((await bench.resource(ACCOUNT, NEWCOMER)).authenticationKey).toEqual(NEWCOMER);
    const created = outcome?.writes.filter(({ op }) => op.kind === "creation") ?? [];
    expect(created).toHaveLength(2);
    for (const { op } of created) {
      expect(op.metadata?.creationTimeUsecs).toBe(BENCH_TIME_USECS);
      expect(op.metadata?.slotDeposit).toBe(40_000n);
    }
    const deposits = created.reduce((sum, { op }) => sum + deposit(op.metadata), 0n);
    expect((outcome as Outcome).gasUsed * GAS_PRICE).toBeGreaterThanOrEqual(deposits);
  });

  it("keeps the metadata of a slot that it writes again", async () => {
    const draft = transferDraft(bench, { to: NEWCOMER, amount: 5n });
    await bench.run([blockMetadata(bench), ...await bench.sign([draft])]);
    const stored = () => decodeStateValue(valueAt(COIN_STORE.slot(NEWCOMER).keyBytes));
    const { metadata } = stored();
    await bench.runDrafts([draft]);
    expect(decodeStore(stored().data).balance).toBe(10n);
    expect(metadata).toBeDefined();
    expect(stored().metadata).toEqual(metadata);
  });

  it("to oneself costs the fee alone", async () => {
    const from = bench.accounts.account("operator", 0).address;
    const before = await balances(from, from);
    const [outcome] = await bench.runDrafts([transferDraft(bench, { to: from, amount: 10n })]);
    const after = await balances(from, from);
    expect(after.from).toBe(before.from - (outcome as Outcome).gasUsed * GAS_PRICE);
  });

  it("in batches pays every recipient, or nobody", async () => {
    const recipients = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
    const [paid] = await bench.runDrafts([batchDraft(recipients, [7n, 8n, 9n])]);
    expect(paid?.status).toEqual({ kind: "keep", status: { kind: "success" } });
    for (const [i, address] of recipients.entries()) {
      expect((await bench.resource(COIN_STORE, address)).balance).toBe(7n + BigInt(i));
    }
    const [refused] = await bench.runDrafts([batchDraft(recipients, [7n, 2n ** 63n, 9n])]);
    expect(abortOf(refused)).toBe("EINSUFFICIENT_BALANCE");
    const [uneven] = await bench.runDrafts([batchDraft(recipients, [7n])]);
    expect(abortOf(uneven)).toBe("EMISMATCHING_RECIPIENTS_AND_AMOUNTS_LENGTH");
    expect((await bench.resource(COIN_STORE, recipients[0] as Uint8Array)).balance).toBe(7n);
  });
});

describe("a transaction that fails", () => {
  it("keeps its fee and its number and nothing else, and says where it aborted", async () => {
    const from = bench.accounts.account("operator", 0).address;
    const before = await balances(from, from);
    const [outcome] = await bench.runDrafts([
      transferDraft(bench, { to: NEWCOMER, amount: 2n ** 63n }),
    ]);
    expect(outcome?.status).toEqual({
      kind: "keep",
      status: {
        kind: "moveAbort",
        location: { kind: "module", module: { address: FRAMEWORK_ADDRESS, name: "coin" } },
        code: 0x10006n,
        info: {
          reasonName: "EINSUFFICIENT_BALANCE",
          description: "Not enough coins to complete transaction",
        },
      },
    });
    expectFeeAlone(outcome, from);
    expect((await balances(from, from)).from).toBe(before.from - (outcome as Outcome).gasUsed * GAS_PRICE);
    expect(bench.values.has(encodeHex(ACCOUNT.slot(NEWCOMER).keyBytes))).toBe(false);
  });

  it("for lack of gas pays all the gas that it offered", async () => {
    const from = bench.accounts.account("operator", 0).address;
    const [outcome] = await bench.runDrafts([
      transferDraft(bench, { to: NEWCOMER, amount: 1n, maxGasAmount: 100n }),
    ]);
    expect(outcome?.status).toEqual({ kind: "keep", status: { kind: "outOfGas" } });
    expect(outcome?.gasUsed).toBe(100n);
    expectFeeAlone(outcome, from);
  });

  it("because it spends its own fee pays the fee all the same", async () => {
    const from = bench.accounts.account("operator", 0).address;
    const { balance } = await bench.resource(COIN_STORE, from);
    const to = bench.accounts.account("operator", 1).address;
    const [outcome] = await bench.runDrafts([transferDraft(bench, { to, amount: balance })]);
    expect(abortOf(outcome)).toBe("PROLOGUE_ECANT_PAY_GAS_DEPOSIT");
    expectFeeAlone(outcome, from);
  });

  it.each<[string, string, Uint8Array[]]>([
    ["an unknown function", "no_such_function", []],
    ["missing arguments", "transfer", []],
    ["an argument of another type", "transfer", [new Uint8Array(31), u64Argument(1n)]],
    ["an argument that is too long", "transfer", [new Uint8Array(33), u64Argument(1n)]],
  ])("because of %s is kept with a miscellaneous error", async (_, name, args) => {
    const account = bench.accounts.account("operator", 0);
    const call = frameworkCall("aptos_account", name, args);
    const [outcome] = await bench.runDrafts([{ account, sender: account.address, call, maxGasAmount: 5_000n }]);
    expect(outcome?.status).toEqual({ kind: "keep", status: { kind: "miscellaneousError" } });
    expectFeeAlone(outcome, account.address);
  });
});

describe("a block", () => {
  it("begins by counting itself, setting the time and announcing itself", async () => {
    const [outcome] = await bench.run([blockMetadata(bench)]);
    expect(outcome?.gasUsed).toBe(0n);
    expect((await bench.resource(BLOCK, FRAMEWORK_ADDRESS)).height).toBe(1n);
    expect(await bench.resource(TIMESTAMP, FRAMEWORK_ADDRESS)).toBe(BENCH_TIME_USECS);
    expect(outcome?.events.map(nameOf)).toEqual(["NewBlockEvent"]);
  });

  it.each([
    ["of another epoch", { epoch: 2n }],
    ["that is not later than the one before", { timestampUsecs: BENCH_TIME_USECS }],
  ])("%s is discarded", async (_, given) => {
    await bench.run([blockMetadata(bench)]);
    const timestampUsecs = BENCH_TIME_USECS + 1n;
    const [outcome] = await bench.run([blockMetadata(bench, { timestampUsecs, ...given })]);
    expect(outcome?.status.kind).toBe("discard");
    expect((await bench.resource(BLOCK, FRAMEWORK_ADDRESS)).height).toBe(1n);
  });

  it("ends by noting fees, which become stake, and coins again, when the epoch ends", async () => {
    const [validator] = bench.genesis.nextEpochState.validators;
    const address = (validator as { address: Uint8Array }).address;
    const stakeBefore = (await bench.resource(STAKE_POOL, address)).active;
    await bench.run([blockMetadata(bench), epilogue(3_000n), epilogue(4_000n)]);
    const supplyBefore = await supply();
    const [end] = await bench.runDrafts([endEpochDraft()]);
    expect((await bench.resource(STAKE_POOL, address)).active).toBe(stakeBefore + 7_000n);
    expect(await supply()).toBe(supplyBefore + 7_000n - (end as Outcome).gasUsed * GAS_PRICE);
    expect(end?.writes.filter(({ op }) => op.kind === "deletion")).toHaveLength(1);
  });

  it("is cut where an epoch ends: what follows is to be tried again", async () => {
    const transfer = transferDraft(bench, { to: NEWCOMER, amount: 1n });
    const signed = await bench.sign([transfer, endEpochDraft(), transfer]);
    const outcomes = await bench.run([blockMetadata(bench), ...signed]);
    expect(outcomes.map(({ status }) => status.kind)).toEqual(["keep", "keep", "keep", "retry"]);
    expect(outcomes[2]?.events.map(nameOf)).toContain("NewEpochEvent");
    expect(outcomes[3]).toMatchObject({ writes: [], events: [], gasUsed: 0n });
  });

  it("cannot be cut short by anyone but the treasury", async () => {
    const account = bench.accounts.account("operator", 0);
    const [outcome] = await bench.runDrafts([{ ...endEpochDraft(), account, sender: account.address }]);
    expect(abortOf(outcome)).toBe("EUNAUTHORIZED");
  });
});

describe("the executor", () => {
  it("does what genesis says on an empty state, to the byte", async () => {
    const { blob, chunk } = bench.genesis;
    const output = await createTransferExecutor(VELOR).execute(inputOf([blob]), { read: nothing });
    expect(output.writeSets.bytes).toEqual(chunk.writeSets.bytes);
    expect(output.events.bytes).toEqual(chunk.events.bytes);
  });

  it("gives the same bytes in one run and in many, and reads what it knows ahead in one batch", async () => {
    const to = bench.accounts.account("operator", 1).address;
    const draft = transferDraft(bench, { to, amount: 3n });
    const signed = [blockMetadata(bench), ...await bench.sign([draft, draft, draft])];
    const other = await createExecutorBench(VELOR);
    const calls = bench.reads.calls;
    const together = await bench.run(signed);
    expect(bench.reads.calls).toBe(calls + 1);
    const apart: Outcome[] = [];
    for (const transaction of signed) apart.push(...await other.run([transaction]));
    expect(together.map(encoded)).toEqual(apart.map(encoded));
    expect(bench.values).toEqual(other.values);
  });

  it("refuses a state that is no devnet's", async () => {
    const executor = createTransferExecutor(VELOR);
    const run = executor.execute(inputOf([blockMetadata(bench)]), { read: nothing });
    await expect(run).rejects.toMatchObject({ name: "SyncError", code: "UNSUPPORTED" });
  });

  it("passes on what the state view throws", async () => {
    const failure = new Error("the view is broken");
    const run = createTransferExecutor(VELOR).execute(inputOf([blockMetadata(bench)]), {
      read: () => Promise.reject(failure),
    });
    await expect(run).rejects.toBe(failure);
  });
});

async function balances(from: Uint8Array, to: Uint8Array) {
  return {
    from: (await bench.resource(COIN_STORE, from)).balance,
    to: (await bench.resource(COIN_STORE, to)).balance,
    supply: await supply(),
  };
}

async function supply(): Promise<bigint> {
  return await Promise.resolve(decodeSupply(decodeStateValue(valueAt(SUPPLY_SLOT.keyBytes)).data));
}

function valueAt(keyBytes: Uint8Array): Uint8Array {
  const value = bench.values.get(encodeHex(keyBytes));
  if (value === undefined) throw new Error("there is no such value");
  return value;
}

function decodeStore(data: Uint8Array) {
  return COIN_STORE.decode(data);
}

function batchDraft(recipients: readonly Uint8Array[], amounts: readonly bigint[]): Draft {
  const account = bench.accounts.account("operator", 0);
  const call = frameworkCall("aptos_account", "batch_transfer", [
    encodeBcs((writer) => writer.sequence(recipients, (inner, address) => inner.raw(address))),
    encodeBcs((writer) => writer.sequence(amounts, (inner, amount) => inner.u64(amount))),
  ]);
  return { account, sender: account.address, call, maxGasAmount: 100_000n };
}

function endEpochDraft(): Draft {
  const call = frameworkCall("aptos_governance", "force_end_epoch_test_only", []);
  return {
    account: bench.accounts.account("treasury", 0),
    sender: TREASURY_ADDRESS,
    call,
    maxGasAmount: MAX_GAS_AMOUNT,
  };
}

function epilogue(octas: bigint): Uint8Array {
  return encodeTransaction({
    kind: "blockEpilogue",
    epilogue: {
      blockId: new Uint8Array(32),
      end: { gasLimitReached: false, outputLimitReached: false, effectiveGasUnits: 1n, approximateOutputSize: 1n },
      fees: [{ validatorIndex: 0n, octas }],
    },
  });
}

function expectFeeAlone(outcome: Outcome | undefined, from: Uint8Array): void {
  expect(writtenBy(outcome)).toEqual(slots(ACCOUNT.slot(from), COIN_STORE.slot(from), SUPPLY_SLOT));
  expect(outcome?.events.map(nameOf)).toEqual(["FeeStatement"]);
  const statement = outcome?.events[0]?.data ?? new Uint8Array(0);
  expect(decodeBcs(statement.subarray(0, 8), (cursor) => cursor.u64())).toBe(outcome?.gasUsed);
}

function writtenBy(outcome: Outcome | undefined): string[] {
  return (outcome?.writes ?? []).map(({ key }) => encodeHex(encodeStateKey(key))).sort();
}

function slots(...list: readonly { readonly keyBytes: Uint8Array }[]): string[] {
  return list.map(({ keyBytes }) => encodeHex(keyBytes)).sort();
}

function nameOf({ type }: ContractEvent): string {
  return type.kind === "struct" ? type.struct.name : type.kind;
}

function abortOf(outcome: Outcome | undefined): string | undefined {
  const status = outcome?.status;
  if (status?.kind !== "keep" || status.status.kind !== "moveAbort") return undefined;
  return status.status.info?.reasonName;
}

function deposit(metadata: { slotDeposit: bigint; bytesDeposit: bigint } | undefined): bigint {
  return metadata === undefined ? 0n : metadata.slotDeposit + metadata.bytesDeposit;
}

function encoded({ status, gasUsed, writes, events }: Outcome): Uint8Array {
  return encodeTransactionOutput({ status, gasUsed, writeSet: { entries: writes }, events });
}

function nothing(stateKeys: readonly Uint8Array[]): Promise<undefined[]> {
  return Promise.resolve(stateKeys.map(() => undefined));
}
