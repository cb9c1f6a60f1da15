/**
 * The devnet's user transactions as `@aptos-labs/ts-sdk` reads them: an implementation that is not ours.
 */
import {
  AccountAddress,
  AccountAuthenticatorEd25519,
  AuthenticationKey,
  Deserializer,
  generateSigningMessageForTransaction,
  generateUserTransactionHash,
  SignedTransaction,
  SimpleTransaction,
  type TransactionAuthenticatorEd25519,
  TransactionPayloadEntryFunction,
} from "@aptos-labs/ts-sdk";
import { beforeAll, describe, expect, it } from "vitest";
import { buildDevnet } from "../../adapters/devnet/ledger-builder.ts";
import { columnItem } from "../../core/bytes/column.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import { decodeTransaction, type Transaction } from "../../core/chain/transaction.ts";
import { decodeTransactionInfo } from "../../core/chain/transaction-info.ts";
import { APTOS, VELOR } from "../helpers/trust-context.ts";

/** A user transaction of the chain: as we decode it, as the SDK does, and the hash that the ledger names. */
interface Sample {
  readonly bytes: Uint8Array;
  readonly ours: Extract<Transaction, { kind: "user" }>["transaction"];
  readonly theirs: SignedTransaction;
  readonly hash: string;
}

describe.each([["velor", VELOR], ["aptos", APTOS]])("the SDK, on a devnet of profile %s", (name, context) => {
  const samples: Sample[] = [];

  beforeAll(async () => {
    const options = { accounts: 6, blocks: 7, transactionsPerBlock: 12, epochBlocks: 2, seed: 5n };
    const { ledger, version } = await buildDevnet({ context, ...options });
    for (let firstVersion = 0n; firstVersion <= version;) {
      const chunk = await ledger.readChunk({ firstVersion, count: 500, maxBytes: 2 ** 30 });
      for (let i = 0; i < chunk.count; i++) {
        const transaction = decodeTransaction(columnItem(chunk.transactions, i));
        if (transaction.kind !== "user") continue;
        const bytes = columnItem(chunk.transactions, i).slice(1);
        const hash = encodeHex(decodeTransactionInfo(columnItem(chunk.infos, i)).transactionHash);
        const theirs = SignedTransaction.deserialize(new Deserializer(bytes));
        samples.push({ bytes, ours: transaction.transaction, theirs, hash });
      }
      firstVersion += BigInt(chunk.count);
    }
  });

  it("decodes every user transaction as we do, and writes it back to the byte", () => {
    expect(samples.length).toBeGreaterThan(80);
    const functions = new Set<string>();
    for (const { bytes, ours: { raw }, theirs } of samples) {
      expect(theirs.bcsToBytes()).toEqual(bytes);
      expect(theirs.raw_txn.sender.toUint8Array()).toEqual(raw.sender);
      expect(theirs.raw_txn).toMatchObject({
        sequence_number: raw.sequenceNumber,
        max_gas_amount: raw.maxGasAmount,
        gas_unit_price: raw.gasUnitPrice,
        expiration_timestamp_secs: raw.expirationTimestampSecs,
        chain_id: { chainId: raw.chainId },
      });
      expect(theirs.raw_txn.payload).toBeInstanceOf(TransactionPayloadEntryFunction);
      const { entryFunction } = theirs.raw_txn.payload as TransactionPayloadEntryFunction;
      expect(entryFunction.module_name.address).toEqual(AccountAddress.ONE);
      functions.add(`${entryFunction.module_name.name.identifier}::${entryFunction.function_name.identifier}`);
    }
    expect([...functions].sort()).toEqual([
      "aptos_account::batch_transfer",
      "aptos_account::transfer",
      "aptos_governance::force_end_epoch_test_only",
      "stake::add_stake",
      "stake::join_validator_set",
      "stake::leave_validator_set",
      "stake::rotate_consensus_key",
    ]);
  });

  it("finds senders at the address of their key", () => {
    for (const { ours: { raw }, theirs } of samples) {
      const { public_key: publicKey } = theirs.authenticator as TransactionAuthenticatorEd25519;
      const address = AuthenticationKey.fromPublicKey({ publicKey }).derivedAddress().toUint8Array();
      // The treasury's account is older than its key, as on the family's test networks.
      if (raw.sender[0] !== 0 || raw.sender[1] !== 0) expect(raw.sender).toEqual(address);
    }
  });

  // The SDK knows no other chain's seeds, so on another profile it must disagree.
  it(`${name === "aptos" ? "agrees" : "disagrees"} on every hash and every signature`, () => {
    const agrees = name === "aptos";
    for (const sample of samples) {
      const { hash, isSigned } = judge(sample);
      expect([hash === sample.hash, isSigned]).toEqual([agrees, agrees]);
    }
  });
});

function judge({ theirs }: Sample) {
  const { public_key: publicKey, signature } = theirs.authenticator as TransactionAuthenticatorEd25519;
  const transaction = new SimpleTransaction(theirs.raw_txn);
  const senderAuthenticator = new AccountAuthenticatorEd25519(publicKey, signature);
  return {
    hash: generateUserTransactionHash({ transaction, senderAuthenticator }).replace(/^0x/, ""),
    isSigned: publicKey.verifySignature({ message: generateSigningMessageForTransaction(transaction), signature }),
  };
}
