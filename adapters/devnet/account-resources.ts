/**
 * What an account holds: `0x1::account::Account` and `0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>`.
 *
 * @module
 */
import { ADDRESS_BYTES } from "../../core/chain/address.ts";
import type { TypeTag } from "../../core/chain/type-tag.ts";
import {
  type EventHandle,
  eventHandle,
  frameworkType,
  readEventHandle,
  type ResourceType,
  resourceType,
  writeEventHandle,
} from "./move-resource.ts";

/** The chain's coin, as a type argument. */
export const COIN_TYPE: TypeTag = { kind: "struct", struct: frameworkType("aptos_coin", "AptosCoin") };

/** `0x1::account::Account`. */
export interface AccountResource {
  /** 32-byte hash of the key that may sign for the account. */
  readonly authenticationKey: Uint8Array;
  /** Sequence number of the account's next transaction. */
  readonly sequenceNumber: bigint;
  /** Creation number of the account's next event stream or object. */
  readonly guidCreationNumber: bigint;
  /** Stream of coins registered; unused here. */
  readonly coinRegisterEvents: EventHandle;
  /** Stream of key rotations; unused here. */
  readonly keyRotationEvents: EventHandle;
  /** 32-byte address that may rotate the key, if one was named. */
  readonly rotationCapabilityFor: Uint8Array | undefined;
  /** 32-byte address that may sign, if one was named. */
  readonly signerCapabilityFor: Uint8Array | undefined;
}

/** `0x1::coin::CoinStore` of the chain's coin. */
export interface CoinStoreResource {
  /** In octas. */
  readonly balance: bigint;
  /** Whether nothing may move. */
  readonly frozen: boolean;
  /** Stream of deposits. */
  readonly depositEvents: EventHandle;
  /** Stream of withdrawals. */
  readonly withdrawEvents: EventHandle;
}

/** Type of an account itself. */
export const ACCOUNT: ResourceType<AccountResource> = /* @__PURE__ */ resourceType(
  frameworkType("account", "Account"),
  {
    write(writer, account) {
      writer.byteString(account.authenticationKey).u64(account.sequenceNumber).u64(account.guidCreationNumber);
      writeEventHandle(writer, account.coinRegisterEvents);
      writeEventHandle(writer, account.keyRotationEvents);
      writer.option(account.rotationCapabilityFor, (inner, address) => inner.raw(address));
      writer.option(account.signerCapabilityFor, (inner, address) => inner.raw(address));
    },
    read: (cursor) => ({
      authenticationKey: cursor.byteString(),
      sequenceNumber: cursor.u64(),
      guidCreationNumber: cursor.u64(),
      coinRegisterEvents: readEventHandle(cursor),
      keyRotationEvents: readEventHandle(cursor),
      rotationCapabilityFor: cursor.option(() => cursor.raw(ADDRESS_BYTES)),
      signerCapabilityFor: cursor.option(() => cursor.raw(ADDRESS_BYTES)),
    }),
  },
);

/** Type of an account's coins. */
export const COIN_STORE: ResourceType<CoinStoreResource> = /* @__PURE__ */ resourceType(
  frameworkType("coin", "CoinStore", [COIN_TYPE]),
  {
    write(writer, store) {
      writer.u64(store.balance).bool(store.frozen);
      writeEventHandle(writer, store.depositEvents);
      writeEventHandle(writer, store.withdrawEvents);
    },
    read: (cursor) => ({
      balance: cursor.u64(),
      frozen: cursor.bool(),
      depositEvents: readEventHandle(cursor),
      withdrawEvents: readEventHandle(cursor),
    }),
  },
);

/**
 * An account that was just created.
 *
 * @param authenticationKey 32 bytes; the address itself unless another key signs for it.
 */
export function newAccount(address: Uint8Array, authenticationKey: Uint8Array = address): AccountResource {
  return {
    authenticationKey,
    sequenceNumber: 0n,
    guidCreationNumber: 4n,
    coinRegisterEvents: eventHandle(address, 0n),
    keyRotationEvents: eventHandle(address, 1n),
    rotationCapabilityFor: undefined,
    signerCapabilityFor: undefined,
  };
}

/** The coins of an account that was just created. */
export function newCoinStore(address: Uint8Array, balance = 0n): CoinStoreResource {
  return { balance, frozen: false, depositEvents: eventHandle(address, 2n), withdrawEvents: eventHandle(address, 3n) };
}
