/**
 * What the framework holds at `0x1`: time, blocks, epochs, the supply of the coin; and the treasury's devnet parameters.
 *
 * @module
 */
import { ADDRESS_BYTES, FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import { encodeBcs } from "../../core/chain/bcs.ts";
import { COIN_TYPE } from "./account-resources.ts";
import {
  type EventHandle,
  frameworkType,
  type Layout,
  readEventHandle,
  type ResourceType,
  resourceType,
  shortAddress,
  type Slot,
  slotOf,
  writeEventHandle,
} from "./move-resource.ts";
import { decodeParameters, type DevnetParameters, encodeParameters } from "./parameters.ts";

/** The account that holds the first coins and may end an epoch: `0xa550c18`, as on the family's test networks. */
export const TREASURY_ADDRESS: Uint8Array = /* @__PURE__ */ shortAddress(0xa550c18);

/** `0x1::block::BlockResource`. */
export interface BlockResource {
  /** Height of the newest block; 0 is genesis. */
  readonly height: bigint;
  /** Longest time of an epoch, in microseconds; the devnet ends epochs by block count, so it is out of reach. */
  readonly epochInterval: bigint;
  /** Stream of blocks. */
  readonly newBlockEvents: EventHandle;
  /** Stream of changes of the epoch interval; unused here. */
  readonly updateEpochIntervalEvents: EventHandle;
}

/** `0x1::reconfiguration::Configuration`. */
export interface Configuration {
  /** Current epoch. */
  readonly epoch: bigint;
  /** Microseconds since the Unix epoch. */
  readonly lastReconfigurationTime: bigint;
  /** Stream of epochs. */
  readonly events: EventHandle;
}

/** Where the framework keeps the supply of the coin outside of `CoinInfo`. */
export interface CoinInfo {
  /** Name for people. */
  readonly name: string;
  /** Short name for people. */
  readonly symbol: string;
  /** Digits after the point when a coin is written in full. */
  readonly decimals: number;
  /** 32-byte handle of the table that the supply is an item of. */
  readonly supplyHandle: Uint8Array;
  /** 32-byte key of that item. */
  readonly supplyKey: Uint8Array;
}

const U128_MAX = 2n ** 128n - 1n;
const SUPPLY_HANDLE = /* @__PURE__ */ shortAddress(0x5c01);
const SUPPLY_KEY = /* @__PURE__ */ shortAddress(0x5c02);
const PENDING_FEES_HANDLE = /* @__PURE__ */ shortAddress(0xfee5);

const U8: Layout<number> = { write: (writer, value) => writer.u8(value), read: (cursor) => cursor.u8() };
const U64: Layout<bigint> = { write: (writer, value) => writer.u64(value), read: (cursor) => cursor.u64() };

/** `0x1::chain_id::ChainId`: one byte that user transactions repeat. */
export const CHAIN_ID: ResourceType<number> = /* @__PURE__ */ resourceType(frameworkType("chain_id", "ChainId"), U8);

/** `0x1::version::Version`: the framework's major version. */
export const VERSION: ResourceType<bigint> = /* @__PURE__ */ resourceType(frameworkType("version", "Version"), U64);

/** `0x1::timestamp::CurrentTimeMicroseconds`. */
export const TIMESTAMP: ResourceType<bigint> = /* @__PURE__ */ resourceType(
  frameworkType("timestamp", "CurrentTimeMicroseconds"),
  U64,
);

/** Type of the framework's block counter. */
export const BLOCK: ResourceType<BlockResource> = /* @__PURE__ */ resourceType(
  frameworkType("block", "BlockResource"),
  {
    write(writer, block) {
      writer.u64(block.height).u64(block.epochInterval);
      writeEventHandle(writer, block.newBlockEvents);
      writeEventHandle(writer, block.updateEpochIntervalEvents);
    },
    read: (cursor) => ({
      height: cursor.u64(),
      epochInterval: cursor.u64(),
      newBlockEvents: readEventHandle(cursor),
      updateEpochIntervalEvents: readEventHandle(cursor),
    }),
  },
);

/** Type of the framework's epoch counter. */
export const CONFIGURATION: ResourceType<Configuration> = /* @__PURE__ */ resourceType(
  frameworkType("reconfiguration", "Configuration"),
  {
    write(writer, configuration) {
      writer.u64(configuration.epoch).u64(configuration.lastReconfigurationTime);
      writeEventHandle(writer, configuration.events);
    },
    read: (cursor) => ({
      epoch: cursor.u64(),
      lastReconfigurationTime: cursor.u64(),
      events: readEventHandle(cursor),
    }),
  },
);

/** Type of what is known about the coin; its supply is an optional aggregator, kept as a table item. */
export const COIN_INFO: ResourceType<CoinInfo> = /* @__PURE__ */ resourceType(
  frameworkType("coin", "CoinInfo", [COIN_TYPE]),
  {
    write(writer, coin) {
      writer.text(coin.name).text(coin.symbol).u8(coin.decimals);
      // Option<OptionalAggregator { aggregator: Option<Aggregator>, integer: Option<Integer> }>
      writer.bool(true).bool(true).raw(coin.supplyHandle).raw(coin.supplyKey).u128(U128_MAX).bool(false);
    },
    read(cursor) {
      const coin = { name: cursor.text(), symbol: cursor.text(), decimals: cursor.u8() };
      if (!cursor.bool() || !cursor.bool()) throw cursor.malformed("the supply must be kept as a table item");
      const supply = { supplyHandle: cursor.raw(ADDRESS_BYTES), supplyKey: cursor.raw(ADDRESS_BYTES) };
      cursor.u128();
      if (cursor.bool()) throw cursor.malformed("the supply must be kept once");
      return { ...coin, ...supply };
    },
  },
);

/** `0x1::stake::PendingTransactionFee`: the handle of a table of fees by validator index. */
export const PENDING_FEES: ResourceType<Uint8Array> = /* @__PURE__ */ resourceType(
  frameworkType("stake", "PendingTransactionFee"),
  { write: (writer, handle) => writer.raw(handle), read: (cursor) => cursor.raw(ADDRESS_BYTES) },
);

/** The devnet's own parameters, held by the treasury. */
export const PARAMETERS: ResourceType<DevnetParameters> = /* @__PURE__ */ resourceType(
  { address: TREASURY_ADDRESS, module: "devnet", name: "Parameters", typeArguments: [] },
  {
    write: (writer, parameters) => writer.byteString(encodeParameters(parameters)),
    read: (cursor) => decodeParameters(cursor.byteString()),
  },
);

/** The coin of every devnet. */
export const DEVNET_COIN: CoinInfo = {
  name: "Velor Coin",
  symbol: "VLR",
  decimals: 8,
  supplyHandle: SUPPLY_HANDLE,
  supplyKey: SUPPLY_KEY,
};

/** Handle of the table of pending fees of every devnet. */
export const DEVNET_PENDING_FEES: Uint8Array = PENDING_FEES_HANDLE;

/** Where the supply of the coin is kept, as BCS u128. */
export const SUPPLY_SLOT: Slot = /* @__PURE__ */ slotOf({ kind: "tableItem", handle: SUPPLY_HANDLE, key: SUPPLY_KEY });

/** Where the fees wait that validator `index` of the current epoch has earned, as BCS u64. */
export function pendingFeeSlot(index: bigint): Slot {
  return slotOf({ kind: "tableItem", handle: PENDING_FEES_HANDLE, key: encodeBcs((writer) => writer.u64(index)) });
}

/** Where the framework holds a resource. */
export function frameworkSlot(type: Pick<ResourceType<unknown>, "slot">): Slot {
  return type.slot(FRAMEWORK_ADDRESS);
}
