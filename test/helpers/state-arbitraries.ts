/**
 * Arbitrary types, state keys, write sets, events and infos.
 *
 * @module
 */
import fc from "fast-check";
import { encodeHex } from "../../core/bytes/hex.ts";
import type { ContractEvent } from "../../core/chain/event.ts";
import type { AbortLocation, ExecutionStatus } from "../../core/chain/execution-status.ts";
import type { ModuleId } from "../../core/chain/module-id.ts";
import { compareStateKeys, encodeStateKey, type StateKey } from "../../core/chain/state-key.ts";
import { encodeStatePath, type StatePath } from "../../core/chain/state-path.ts";
import type { StateValue, StateValueMetadata } from "../../core/chain/state-value.ts";
import type { TransactionInfo } from "../../core/chain/transaction-info.ts";
import type { StructTag, TypeTag } from "../../core/chain/type-tag.ts";
import type { WriteEntry, WriteOp, WriteSet } from "../../core/chain/write-set.ts";
import { compareBytes } from "../../core/bytes/bytes.ts";

/** 0 to 2⁶⁴ − 1. */
export const anyU64: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
/** 0 to 2³² − 1. */
export const anyU32: fc.Arbitrary<number> = fc.nat(0xffff_ffff);
/** 32 bytes: a hash or an address. */
export const anyHash: fc.Arbitrary<Uint8Array> = fixedBytes(32);
/** A few bytes, now and then enough for a length of two bytes. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 12 }) },
  { weight: 1, arbitrary: fixedBytes(130) },
);
/** A short text, sometimes not ASCII. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("account", "Account", "coin", ""),
  fc.string({ unit: "binary", maxLength: 6 }),
);

/** Exactly `length` bytes. */
export function fixedBytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** `undefined` or a value. */
export function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

/** A module. */
export const anyModuleId: fc.Arbitrary<ModuleId> = fc.record({ address: anyHash, name: anyText });

const PRIMITIVES = [
  ...["bool", "address", "signer"] as const,
  ...["u8", "u16", "u32", "u64", "u128", "u256"] as const,
  ...["i8", "i16", "i32", "i64", "i128", "i256"] as const,
];

/** A type that nests at most `depth` levels. */
export function anyTypeTag(depth = 3): fc.Arbitrary<TypeTag> {
  const primitive: fc.Arbitrary<TypeTag> = fc.record({
    kind: fc.constantFrom(...PRIMITIVES),
  });
  if (depth === 0) return primitive;
  const inner = anyTypeTag(depth - 1);
  const part = fc.record({ kind: fc.constantFrom("reference", "mutableReference", "value"), type: inner });
  const parts = fc.array(part, { maxLength: 2 });
  const fn = fc.record({ parameters: parts, results: parts, abilities: fc.nat(255) });
  return fc.oneof(
    { weight: 3, arbitrary: primitive },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("vector"), item: inner }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("struct"), struct: anyStructTag(depth - 1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("function"), function: fn }) },
  ) as fc.Arbitrary<TypeTag>;
}

/** A struct type whose type arguments nest at most `depth` levels. */
export function anyStructTag(depth = 2): fc.Arbitrary<StructTag> {
  const typeArguments = fc.array(anyTypeTag(depth), { maxLength: 2 });
  return fc.record({ address: anyHash, module: anyText, name: anyText, typeArguments });
}

/** A path of a state key. */
export const anyStatePath: fc.Arbitrary<StatePath> = fc.oneof(
  fc.record({ kind: fc.constant("code" as const), module: anyModuleId }),
  fc.record({ kind: fc.constantFrom("resource" as const, "resourceGroup" as const), type: anyStructTag() }),
);

/** A state key. */
export const anyStateKey: fc.Arbitrary<StateKey> = fc.oneof(
  fc.record({ kind: fc.constant("accessPath" as const), address: anyHash, path: anyStatePath.map(encodeStatePath) }),
  fc.record({ kind: fc.constant("tableItem" as const), handle: anyHash, key: anyBytes }),
  fc.record({ kind: fc.constant("raw" as const), key: anyBytes }),
);

/** Metadata of a state value. */
const anyMetadata: fc.Arbitrary<StateValueMetadata> = fc.record({
  slotDeposit: anyU64,
  bytesDeposit: fc.oneof(fc.constant(0n), anyU64),
  creationTimeUsecs: anyU64,
});

/** A state value. */
export const anyStateValue: fc.Arbitrary<StateValue> = fc.record({ data: anyBytes, metadata: maybe(anyMetadata) });

/** A change to the state. */
const anyWriteOp: fc.Arbitrary<WriteOp> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("creation" as const, "modification" as const),
    data: anyBytes,
    metadata: maybe(anyMetadata),
  }),
  fc.record({ kind: fc.constant("deletion" as const), metadata: maybe(anyMetadata) }),
);

/** Changes to keys drawn from `keys`, in the order in which they are serialized. */
export function anyEntries(keys: fc.Arbitrary<StateKey>, maxLength = 5): fc.Arbitrary<WriteEntry[]> {
  return fc.uniqueArray(fc.record({ key: keys, op: anyWriteOp }), { maxLength, selector: ({ key }) => hexOf(key) })
    .map((entries) =>
      entries.toSorted((left, right) => compareBytes(encodeStateKey(left.key), encodeStateKey(right.key)))
    );
}

/** A write set of either layout. */
export const anyWriteSet: fc.Arbitrary<WriteSet> = fc.record({
  entries: anyEntries(anyStateKey),
  hotKeys: maybe(
    fc.uniqueArray(anyStateKey, { maxLength: 4, selector: hexOf })
      .map((keys) => keys.toSorted((left, right) => compareStateKeys(encodeStateKey(left), encodeStateKey(right)))),
  ),
});

/** An event. */
export const anyEvent: fc.Arbitrary<ContractEvent> = fc.oneof(
  fc.record({
    kind: fc.constant("v1" as const),
    key: fc.record({ creationNumber: anyU64, address: anyHash }),
    sequenceNumber: anyU64,
    type: anyTypeTag(2),
    data: anyBytes,
  }),
  fc.record({ kind: fc.constant("v2" as const), type: anyTypeTag(2), data: anyBytes }),
);

const anyLocation: fc.Arbitrary<AbortLocation> = fc.oneof(
  fc.record({ kind: fc.constant("module" as const), module: anyModuleId }),
  fc.record({ kind: fc.constant("script" as const) }),
);

/** How an execution ended. */
export const anyStatus: fc.Arbitrary<ExecutionStatus> = fc.oneof(
  fc.record({ kind: fc.constantFrom("success" as const, "outOfGas" as const) }),
  fc.record({
    kind: fc.constant("moveAbort" as const),
    location: anyLocation,
    code: anyU64,
    info: maybe(fc.record({ reasonName: anyText, description: anyText })),
  }),
  fc.record({
    kind: fc.constant("executionFailure" as const),
    location: anyLocation,
    functionIndex: fc.nat(0xffff),
    codeOffset: fc.nat(0xffff),
  }),
  fc.record({ kind: fc.constant("miscellaneousError" as const), statusCode: maybe(anyU64) }),
);

/** A transaction info of either layout. */
export const anyTransactionInfo: fc.Arbitrary<TransactionInfo> = fc.record({
  gasUsed: anyU64,
  status: anyStatus,
  transactionHash: anyHash,
  eventRootHash: anyHash,
  stateChangeHash: anyHash,
  stateCheckpointHash: maybe(anyHash),
  auxiliaryInfoHash: maybe(anyHash),
  v1: maybe(fc.record({ hotStateCheckpointHash: maybe(anyHash), positionStateCheckpointHash: maybe(anyHash) })),
});

function hexOf(key: StateKey): string {
  return encodeHex(encodeStateKey(key));
}
