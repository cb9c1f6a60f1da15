/**
 * User transactions of many kinds as `@aptos-labs/ts-sdk` makes them: an implementation that is not ours.
 */
import {
  AccountAddress,
  type AccountAuthenticator,
  AccountAuthenticatorAbstraction,
  AccountAuthenticatorEd25519,
  AccountAuthenticatorMultiEd25519,
  AccountAuthenticatorMultiKey,
  AccountAuthenticatorNoAccountAuthenticator,
  AccountAuthenticatorSingleKey,
  AnyPublicKey,
  AnySignature,
  Bool,
  ChainId,
  Deserializer,
  Ed25519PrivateKey,
  EntryFunction,
  generateUserTransactionHash,
  MoveVector,
  MultiEd25519PublicKey,
  MultiEd25519Signature,
  MultiKey,
  MultiKeySignature,
  MultiSig,
  MultiSigTransactionPayload,
  parseTypeTag,
  RawTransaction,
  Script,
  Secp256k1PrivateKey,
  SignedTransaction,
  SimpleTransaction,
  type TransactionAuthenticator,
  TransactionAuthenticatorEd25519,
  TransactionAuthenticatorFeePayer,
  TransactionAuthenticatorMultiAgent,
  TransactionAuthenticatorMultiEd25519,
  TransactionAuthenticatorSingleSender,
  TransactionExecutableEmpty,
  TransactionExecutableEntryFunction,
  TransactionExecutableScript,
  TransactionExtraConfigV1,
  TransactionInnerPayloadV1,
  type TransactionPayload,
  TransactionPayloadEntryFunction,
  TransactionPayloadMultiSig,
  TransactionPayloadScript,
  U128,
  U16,
  U256,
  U32,
  U64,
  U8,
} from "@aptos-labs/ts-sdk";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../core/bytes/bytes.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import { decodeSignedTransaction, encodeSignedTransaction } from "../../core/chain/signed-transaction.ts";
import { decodeTransaction } from "../../core/chain/transaction.ts";
import { APTOS } from "../helpers/trust-context.ts";

const address = (last: number) => AccountAddress.from(`0x${last.toString(16)}`, { maxMissingChars: 63 });
const key = new Ed25519PrivateKey(new Uint8Array(32).fill(7));
const signature = key.sign(new Uint8Array(5));
const secp = new Secp256k1PrivateKey(new Uint8Array(32).fill(9));
const anyKey = new AnyPublicKey(secp.publicKey());
const anySignature = new AnySignature(secp.sign(new Uint8Array(5)));

const coin = parseTypeTag("0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>");
const types = [coin, parseTypeTag("vector<vector<u256>>"), parseTypeTag("bool"), parseTypeTag("address")];
const call = EntryFunction.build("0x1::coin", "transfer", types, [address(5), new U64(77n), MoveVector.U8([1, 2, 3])]);
const script = new Script(Uint8Array.of(0xa1, 0x1c), types, [
  new U8(1),
  new U16(2),
  new U32(3),
  new U64(4n),
  new U128(5n << 100n),
  new U256(6n << 200n),
  new Bool(true),
  address(8),
  MoveVector.U8([9, 9]),
]);
const extra = new TransactionExtraConfigV1(address(6), 99n);

const PAYLOADS: Readonly<Record<string, TransactionPayload>> = {
  entryFunction: new TransactionPayloadEntryFunction(call),
  script: new TransactionPayloadScript(script),
  "multisig with a call": new TransactionPayloadMultiSig(
    new MultiSig(address(4), new MultiSigTransactionPayload(call)),
  ),
  "multisig without": new TransactionPayloadMultiSig(new MultiSig(address(4))),
  "orderless call": new TransactionInnerPayloadV1(new TransactionExecutableEntryFunction(call), extra),
  "orderless script": new TransactionInnerPayloadV1(
    new TransactionExecutableScript(script),
    new TransactionExtraConfigV1(undefined, 1n),
  ),
  "multisig vote": new TransactionInnerPayloadV1(
    new TransactionExecutableEmpty(),
    new TransactionExtraConfigV1(address(6), undefined),
  ),
};

const ed25519 = new AccountAuthenticatorEd25519(key.publicKey(), signature);
const multiEd25519 = {
  publicKey: new MultiEd25519PublicKey({ publicKeys: [key.publicKey(), key.publicKey()], threshold: 1 }),
  signature: new MultiEd25519Signature({ signatures: [signature], bitmap: [1] }),
};
const ACCOUNTS: Readonly<Record<string, AccountAuthenticator>> = {
  ed25519,
  multiEd25519: new AccountAuthenticatorMultiEd25519(multiEd25519.publicKey, multiEd25519.signature),
  singleKey: new AccountAuthenticatorSingleKey(anyKey, anySignature),
  multiKey: new AccountAuthenticatorMultiKey(
    new MultiKey({ publicKeys: [anyKey, key.publicKey()], signaturesRequired: 2 }),
    new MultiKeySignature({ signatures: [anySignature, new AnySignature(signature)], bitmap: [0, 1] }),
  ),
  none: new AccountAuthenticatorNoAccountAuthenticator(),
  // The SDK writes what it is given here as it is, so the length of the signature is the caller's to put in front.
  abstract: new AccountAuthenticatorAbstraction(
    "0x1::any_authenticator::authenticate",
    new Uint8Array(32),
    Uint8Array.of(2, 5, 6),
  ),
  "derivable abstract": new AccountAuthenticatorAbstraction(
    "0x1::ethereum_derivable_account::authenticate",
    new Uint8Array(32),
    Uint8Array.of(5),
    Uint8Array.of(6, 7),
  ),
};

const accounts = Object.values(ACCOUNTS);
const addresses = accounts.map((_, i) => address(i + 1));
const AUTHENTICATORS: Readonly<Record<string, TransactionAuthenticator>> = {
  ed25519: new TransactionAuthenticatorEd25519(key.publicKey(), signature),
  multiEd25519: new TransactionAuthenticatorMultiEd25519(multiEd25519.publicKey, multiEd25519.signature),
  multiAgent: new TransactionAuthenticatorMultiAgent(ed25519, addresses, accounts),
  feePayer: new TransactionAuthenticatorFeePayer(ed25519, addresses, accounts, {
    address: address(9),
    authenticator: new AccountAuthenticatorSingleKey(anyKey, anySignature),
  }),
  ...Object.fromEntries(
    Object.entries(ACCOUNTS).map(([name, account]) => [
      `singleSender ${name}`,
      new TransactionAuthenticatorSingleSender(account),
    ]),
  ),
};

const rawWith = (payload: TransactionPayload) =>
  new RawTransaction(address(3), 2n ** 64n - 1n, payload, 200_000n, 100n, 1_800_000_000n, new ChainId(1));

const CASES = Object.entries(PAYLOADS).flatMap(([payloadName, payload]) =>
  Object.entries(AUTHENTICATORS).map(([name, authenticator]) => ({ payloadName, payload, name, authenticator }))
);

describe("a transaction that the SDK makes", () => {
  it.each(CASES)(
    "of $payloadName, vouched for by $name, comes back byte by byte",
    ({ payload, name, authenticator }) => {
      const bytes = new SignedTransaction(rawWith(payload), authenticator).bcsToBytes();
      const ours = decodeSignedTransaction(bytes);
      expect(encodeSignedTransaction(ours)).toEqual(bytes);
      expect(ours.raw).toMatchObject({
        sequenceNumber: 2n ** 64n - 1n,
        maxGasAmount: 200_000n,
        gasUnitPrice: 100n,
        expirationTimestampSecs: 1_800_000_000n,
        chainId: 1,
      });
      expect(ours.raw.sender).toEqual(address(3).toUint8Array());
      expect(ours.authenticator.kind).toBe(name.split(" ")[0]);
    },
  );

  it("has the arguments that the SDK was given", () => {
    const bytes = new SignedTransaction(rawWith(PAYLOADS["script"]!), AUTHENTICATORS["ed25519"]!).bcsToBytes();
    expect(decodeSignedTransaction(bytes).raw.payload).toMatchObject({
      kind: "script",
      script: {
        arguments: [
          { kind: "u8", value: 1 },
          { kind: "u16", value: 2 },
          { kind: "u32", value: 3 },
          { kind: "u64", value: 4n },
          { kind: "u128", value: 5n << 100n },
          { kind: "u256", value: 6n << 200n },
          { kind: "bool", value: true },
          { kind: "address", value: address(8).toUint8Array() },
          { kind: "bytes", value: Uint8Array.of(9, 9) },
        ],
      },
    });
  });

  it.each(Object.entries(PAYLOADS))("of %s has the hash that the SDK tells its user", (_, payload) => {
    const raw = rawWith(payload);
    const theirs = generateUserTransactionHash({
      transaction: new SimpleTransaction(raw),
      senderAuthenticator: ed25519,
    });
    const signed = new SignedTransaction(raw, AUTHENTICATORS["ed25519"]!).bcsToBytes();
    const transaction = concatBytes(Uint8Array.of(0), signed);
    expect(decodeTransaction(transaction).kind).toBe("user");
    expect(`0x${encodeHex(APTOS.hasher.hash(APTOS.seeds.transaction, transaction))}`).toBe(theirs);
  });

  it("is read by the SDK as we write it", () => {
    for (const [name, authenticator] of Object.entries(AUTHENTICATORS)) {
      // Of abstract accounts the SDK reads the signature as "all that is left".
      if (["multiAgent", "feePayer", "singleSender abstract"].includes(name)) continue;
      const signed = new SignedTransaction(rawWith(PAYLOADS["entryFunction"]!), authenticator);
      const written = encodeSignedTransaction(decodeSignedTransaction(signed.bcsToBytes()));
      expect(SignedTransaction.deserialize(new Deserializer(written)).bcsToBytes()).toEqual(signed.bcsToBytes());
    }
  });
});
