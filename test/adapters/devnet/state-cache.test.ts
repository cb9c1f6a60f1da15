import { beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, COIN_STORE } from "../../../adapters/devnet/account-resources.ts";
import { frameworkSlot, TIMESTAMP, TREASURY_ADDRESS } from "../../../adapters/devnet/framework-resources.ts";
import { buildDevnet, type BuiltDevnet } from "../../../adapters/devnet/ledger-builder.ts";
import { createStateCache, type StateCache } from "../../../adapters/devnet/state-cache.ts";
import { encodeColumn } from "../../../core/bytes/column.ts";
import { hashStateKey } from "../../../core/chain/state-key.ts";
import { encodeStateValue } from "../../../core/chain/state-value.ts";
import { encodeWriteSet, type WriteOp } from "../../../core/chain/write-set.ts";
import type { LedgerReader } from "../../../core/ledger/reader.ts";
import { VELOR } from "../../helpers/trust-context.ts";

const KNOWN = [COIN_STORE.slot(TREASURY_ADDRESS), ACCOUNT.slot(TREASURY_ADDRESS), frameworkSlot(TIMESTAMP)];
const UNKNOWN = ACCOUNT.slot(new Uint8Array(32).fill(0xee));
const METADATA = { slotDeposit: 1n, bytesDeposit: 2n, creationTimeUsecs: 3n };
let built: BuiltDevnet;

beforeAll(async () => {
  built = await buildDevnet({ context: VELOR, accounts: 3, blocks: 2, validators: 1 });
});

describe("a state cache", () => {
  it("reads what it does not hold from the newest checkpoint, once", async () => {
    const { cache, reads } = cacheOver({ isEmpty: false });
    const keys = [...KNOWN, UNKNOWN].map(({ keyBytes }) => keyBytes);
    const expected = await Promise.all(keys.map(stored));
    expect(expected.map((value) => value !== undefined)).toEqual([true, true, true, false]);
    expect(await cache.read(keys)).toEqual(expected);
    expect(await cache.read(keys)).toEqual(expected);
    expect(reads()).toBe(4);
  });

  it("asks the store for nothing while it has seen everything", async () => {
    const { cache, reads } = cacheOver({ isEmpty: true });
    expect(await cache.read([UNKNOWN.keyBytes])).toEqual([undefined]);
    expect(reads()).toBe(0);
  });

  it("shows what was applied, deletions and metadata too", async () => {
    const { cache } = cacheOver({ isEmpty: false });
    const [known] = KNOWN as [typeof UNKNOWN];
    const read = async () => await cache.read([UNKNOWN.keyBytes, known.keyBytes]);
    const before = await stored(known.keyBytes);
    apply(cache, UNKNOWN, { kind: "creation", data: Uint8Array.of(1), metadata: METADATA });
    expect(await read()).toEqual([encodeStateValue({ data: Uint8Array.of(1), metadata: METADATA }), before]);
    apply(cache, UNKNOWN, { kind: "modification", data: Uint8Array.of(2) });
    apply(cache, known, { kind: "deletion" });
    expect(await read()).toEqual([encodeStateValue({ data: Uint8Array.of(2) }), undefined]);
  });

  it("keeps the newest when trimmed, and finds the others in the store again", async () => {
    const { cache, reads } = cacheOver({ isEmpty: true, maxValues: 1 });
    const values = await Promise.all(KNOWN.map(({ keyBytes }) => stored(keyBytes)));
    for (const slot of [UNKNOWN, ...KNOWN]) apply(cache, slot, { kind: "creation", data: Uint8Array.of(9) });
    cache.trim();
    expect(await cache.read([frameworkSlot(TIMESTAMP).keyBytes])).toEqual([
      encodeStateValue({ data: Uint8Array.of(9) }),
    ]);
    expect(reads()).toBe(0);
    expect(await cache.read(KNOWN.slice(0, 2).map(({ keyBytes }) => keyBytes))).toEqual(values.slice(0, 2));
    expect(await cache.read([UNKNOWN.keyBytes])).toEqual([undefined]);
    expect(reads()).toBe(3);
  });
});

function cacheOver(options: { readonly isEmpty: boolean; readonly maxValues?: number }) {
  let count = 0;
  const { ledger } = built;
  const reader = {
    progress: () => ledger.progress(),
    stateValue: (version: bigint, keyHash: Uint8Array) => {
      count++;
      return ledger.stateValue(version, keyHash);
    },
  } as Pick<LedgerReader, "progress" | "stateValue"> as LedgerReader;
  return { cache: createStateCache({ context: VELOR, reader }, options), reads: () => count };
}

async function stored(keyBytes: Uint8Array): Promise<Uint8Array | undefined> {
  return (await built.ledger.stateValue(built.version, hashStateKey(VELOR, keyBytes))).stateValue;
}

function apply(cache: StateCache, { key }: typeof UNKNOWN, op: WriteOp): void {
  cache.apply(encodeColumn([encodeWriteSet({ entries: [{ key, op }] })]));
}
