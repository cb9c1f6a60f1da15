/**
 * What the framework does at the beginning and at the end of every block.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import { FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import { decodeBcs, encodeBcs } from "../../core/chain/bcs.ts";
import type { ChainProfile } from "../../core/chain/profile.ts";
import type { BlockMetadata } from "../../core/chain/block-metadata.ts";
import type { TypeTag } from "../../core/chain/type-tag.ts";
import type { ExecutionState } from "./execution-state.ts";
import { BLOCK, CONFIGURATION, pendingFeeSlot, TIMESTAMP } from "./framework-resources.ts";
import { frameworkType } from "./move-resource.ts";
import { VALIDATOR_PERFORMANCE, validatorSetType } from "./stake-resources.ts";

/** Type of the event that every block begins with. */
export const NEW_BLOCK_EVENT: TypeTag = { kind: "struct", struct: frameworkType("block", "NewBlockEvent") };

/** Fees that a block epilogue credits: validator index and octas. */
export type FeeEntries = readonly (readonly [validatorIndex: bigint, octas: bigint])[];

/**
 * `0x1::block::block_prologue`: counts the block, sets the time, notes who proposed and who failed to.
 *
 * @returns Whether the block fits the chain: its epoch is the current one, its time later than the newest.
 */
export async function beginBlock(
  state: ExecutionState,
  profile: ChainProfile,
  metadata: BlockMetadata,
): Promise<boolean> {
  const configuration = await state.framework(CONFIGURATION);
  const time = await state.framework(TIMESTAMP);
  if (metadata.epoch !== configuration.epoch || metadata.timestampUsecs <= time) return false;
  const block = await state.framework(BLOCK);
  const height = block.height + 1n;
  const newBlockEvents = state.emitTo(block.newBlockEvents, NEW_BLOCK_EVENT, encodeNewBlock(metadata, height));
  state.write(BLOCK.slot(FRAMEWORK_ADDRESS), BLOCK.encode({ ...block, height, newBlockEvents }));
  state.write(TIMESTAMP.slot(FRAMEWORK_ADDRESS), TIMESTAMP.encode(metadata.timestampUsecs));
  await countProposals(state, profile, metadata);
  return true;
}

/** `0x1::block::block_epilogue`: notes the fees that validators have earned, until the epoch ends. */
export async function endBlock(state: ExecutionState, fees: FeeEntries): Promise<void> {
  const slots = fees.map(([validatorIndex]) => pendingFeeSlot(validatorIndex));
  await state.prefetch(slots);
  for (const [i, [, octas]] of fees.entries()) {
    const slot = slots[i];
    if (slot === undefined || octas === 0n) continue;
    const before = await state.read(slot);
    const pending = before === undefined ? 0n : decodeBcs(before, (cursor) => cursor.u64());
    state.write(slot, encodeBcs((writer) => writer.u64(pending + octas)));
  }
}

/** Data of the event that every block begins with. */
export function encodeNewBlock(metadata: BlockMetadata, height: bigint): Uint8Array {
  return encodeBcs((writer) => {
    writer.raw(metadata.id).u64(metadata.epoch).u64(metadata.round).u64(height);
    writer.byteString(metadata.previousBlockVotes).raw(metadata.proposer);
    writer.sequence(metadata.failedProposerIndices, (inner, index) => inner.u64(BigInt(index)));
    writer.u64(metadata.timestampUsecs);
  });
}

async function countProposals(state: ExecutionState, profile: ChainProfile, metadata: BlockMetadata): Promise<void> {
  const set = await state.framework(validatorSetType(profile));
  const proposer = [...set.active, ...set.pendingInactive].find(({ address }) =>
    equalBytes(address, metadata.proposer)
  );
  const performance = await state.framework(VALIDATOR_PERFORMANCE);
  const counted = performance.map((counts, index) => ({
    successful: counts.successful + (proposer?.validatorIndex === BigInt(index) ? 1n : 0n),
    failed: counts.failed + (metadata.failedProposerIndices.includes(index) ? 1n : 0n),
  }));
  state.write(VALIDATOR_PERFORMANCE.slot(FRAMEWORK_ADDRESS), VALIDATOR_PERFORMANCE.encode(counted));
}
