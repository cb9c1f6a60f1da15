/**
 * Arbitrary transactions of every kind.
 *
 * @module
 */
import fc from "fast-check";
import type { AccountAuthenticator } from "../../core/chain/account-authenticator.ts";
import type { AnyPublicKey, AnySignature } from "../../core/chain/any-key.ts";
import { compareBytes } from "../../core/bytes/bytes.ts";
import { encodeBcs } from "../../core/chain/bcs.ts";
import type { BlockEpilogue } from "../../core/chain/block-epilogue.ts";
import type { BlockMetadata, BlockMetadataExt } from "../../core/chain/block-metadata.ts";
import type { EntryFunction, Script } from "../../core/chain/executable.ts";
import type { EphemeralSignature, KeylessPublicKey, KeylessSignature } from "../../core/chain/keyless.ts";
import type { RawTransaction, SignedTransaction } from "../../core/chain/signed-transaction.ts";
import type { TransactionArgument } from "../../core/chain/transaction-argument.ts";
import type { TransactionAuthenticator } from "../../core/chain/transaction-authenticator.ts";
import type { TransactionExecutable, TransactionPayload } from "../../core/chain/transaction-payload.ts";
import type { KnownTransaction } from "../../core/chain/transaction.ts";
import type { ValidatorTransaction } from "../../core/chain/validator-transaction.ts";
import type { WriteSetPayload } from "../../core/chain/write-set-payload.ts";
import {
  anyBytes,
  anyEvent,
  anyHash,
  anyModuleId,
  anyText,
  anyTypeTag,
  anyU32,
  anyU64,
  anyWriteSet,
  fixedBytes,
  maybe,
} from "./state-arbitraries.ts";

const kind = <K extends string>(...kinds: K[]) => fc.constantFrom(...kinds);
const few = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 2 });
const bits = (count: bigint) => fc.bigInt({ min: 0n, max: (1n << count) - 1n });

const anyArgument: fc.Arbitrary<TransactionArgument> = fc.oneof(
  fc.record({ kind: kind("u8"), value: fc.nat(0xff) }),
  fc.record({ kind: kind("u16"), value: fc.nat(0xffff) }),
  fc.record({ kind: kind("u32"), value: anyU32 }),
  fc.record({ kind: kind("u64"), value: anyU64 }),
  fc.record({ kind: kind("u128"), value: bits(128n) }),
  fc.record({ kind: kind("u256"), value: bits(256n) }),
  fc.record({ kind: kind("bool"), value: fc.boolean() }),
  fc.record({ kind: kind("address"), value: anyHash }),
  fc.record({ kind: kind("bytes", "serialized"), value: anyBytes }),
);

const anyScript: fc.Arbitrary<Script> = fc.record({
  code: anyBytes,
  typeArguments: few(anyTypeTag(1)),
  arguments: fc.array(anyArgument, { maxLength: 4 }),
});

const anyEntryFunction: fc.Arbitrary<EntryFunction> = fc.record({
  module: anyModuleId,
  function: anyText,
  typeArguments: few(anyTypeTag(1)),
  arguments: few(anyBytes),
});

const anyExecutable: fc.Arbitrary<TransactionExecutable> = fc.oneof(
  fc.record({ kind: kind("script"), script: anyScript }),
  fc.record({ kind: kind("entryFunction"), entryFunction: anyEntryFunction }),
  fc.record({ kind: kind("empty") }),
);

const anyPayload: fc.Arbitrary<TransactionPayload> = fc.oneof(
  fc.record({ kind: kind("script"), script: anyScript }),
  fc.record({ kind: kind("moduleBundle"), dummy: anyU64 }),
  fc.record({ kind: kind("entryFunction"), entryFunction: anyEntryFunction }),
  fc.record({
    kind: kind("multisig"),
    multisig: fc.record({ address: anyHash, entryFunction: maybe(anyEntryFunction) }),
  }),
  fc.record({
    kind: kind("payload"),
    executable: anyExecutable,
    config: fc.record({ multisigAddress: maybe(anyHash), replayProtectionNonce: maybe(anyU64) }),
  }),
);

const anyAssertion = fc.record({ signature: anyBytes, authenticatorData: anyBytes, clientDataJson: anyBytes });

const anyEphemeralSignature: fc.Arbitrary<EphemeralSignature> = fc.oneof(
  fc.record({ kind: kind("ed25519"), signature: anyBytes }),
  fc.record({ kind: kind("webAuthn"), assertion: anyAssertion }),
);

const anyKeylessKey: fc.Arbitrary<KeylessPublicKey> = fc.record({ issuer: anyText, identityCommitment: anyBytes });

const anyKeylessSignature: fc.Arbitrary<KeylessSignature> = fc.record({
  certificate: fc.oneof(
    fc.record({
      kind: kind("zeroKnowledge"),
      proof: fixedBytes(128),
      expiryHorizonSecs: anyU64,
      extraField: maybe(anyText),
      overrideAudience: maybe(anyText),
      trainingWheelsSignature: maybe(anyEphemeralSignature),
    }),
    fc.record({
      kind: kind("openId"),
      jwtSignature: anyBytes,
      jwtPayloadJson: anyText,
      uidKey: anyText,
      ephemeralKeyBlinder: anyBytes,
      pepper: fixedBytes(31),
      identityAudience: maybe(anyText),
    }),
  ),
  jwtHeaderJson: anyText,
  expirySecs: anyU64,
  ephemeralPublicKey: fc.record({ kind: kind("ed25519", "secp256r1Ecdsa"), publicKey: anyBytes }),
  ephemeralSignature: anyEphemeralSignature,
});

const anyKey: fc.Arbitrary<AnyPublicKey> = fc.oneof(
  fc.record({ kind: kind("ed25519", "secp256k1Ecdsa", "secp256r1Ecdsa", "slhDsaSha2128s"), publicKey: anyBytes }),
  fc.record({ kind: kind("keyless"), keyless: anyKeylessKey }),
  fc.record({ kind: kind("federatedKeyless"), jwkAddress: anyHash, keyless: anyKeylessKey }),
);

const anySignature: fc.Arbitrary<AnySignature> = fc.oneof(
  fc.record({ kind: kind("ed25519", "secp256k1Ecdsa", "slhDsaSha2128s"), signature: anyBytes }),
  fc.record({ kind: kind("webAuthn"), assertion: anyAssertion }),
  fc.record({ kind: kind("keyless"), keyless: anyKeylessSignature }),
);

const ed25519 = fc.record({ kind: kind("ed25519"), publicKey: anyHash, signature: fixedBytes(64) });
const multiEd25519 = fc.record({ kind: kind("multiEd25519"), publicKey: anyBytes, signature: anyBytes });

const anyAccountAuthenticator: fc.Arbitrary<AccountAuthenticator> = fc.oneof(
  ed25519,
  multiEd25519,
  fc.record({ kind: kind("singleKey"), publicKey: anyKey, signature: anySignature }),
  fc.record({
    kind: kind("multiKey"),
    publicKeys: few(anyKey),
    signaturesRequired: fc.nat(0xff),
    signatures: few(anySignature),
    bitmap: anyBytes,
  }),
  fc.record({ kind: kind("none") }),
  fc.record({
    kind: kind("abstract"),
    function: fc.record({ address: anyHash, module: anyText, name: anyText }),
    signingMessageDigest: anyBytes,
    signature: anyBytes,
    accountIdentity: maybe(anyBytes),
  }),
);

const signers = {
  sender: anyAccountAuthenticator,
  secondaryAddresses: few(anyHash),
  secondaries: few(anyAccountAuthenticator),
};

const anyAuthenticator: fc.Arbitrary<TransactionAuthenticator> = fc.oneof(
  ed25519,
  multiEd25519,
  fc.record({ kind: kind("multiAgent"), ...signers }),
  fc.record({
    kind: kind("feePayer"),
    ...signers,
    feePayer: anyHash,
    feePayerAuthenticator: anyAccountAuthenticator,
  }),
  fc.record({ kind: kind("singleSender"), sender: anyAccountAuthenticator }),
);

const anyRawTransaction: fc.Arbitrary<RawTransaction> = fc.record({
  sender: anyHash,
  sequenceNumber: anyU64,
  payload: anyPayload,
  maxGasAmount: anyU64,
  gasUnitPrice: anyU64,
  expirationTimestampSecs: anyU64,
  chainId: fc.nat(0xff),
});

/** A user transaction whose signatures mean nothing. */
export const anySignedTransaction: fc.Arbitrary<SignedTransaction> = fc.record({
  raw: anyRawTransaction,
  authenticator: anyAuthenticator,
});

const anyBlockMetadata: fc.Arbitrary<BlockMetadata> = fc.record({
  id: anyHash,
  epoch: anyU64,
  round: anyU64,
  proposer: anyHash,
  previousBlockVotes: anyBytes,
  failedProposerIndices: few(anyU32),
  timestampUsecs: anyU64,
});

const anyBlockMetadataExt: fc.Arbitrary<BlockMetadataExt> = fc.oneof(
  fc.record({ kind: kind("v0"), metadata: anyBlockMetadata }),
  fc.record({
    kind: kind("v1"),
    metadata: anyBlockMetadata,
    randomness: maybe(fc.record({ epoch: anyU64, round: anyU64, randomness: anyBytes })),
  }),
);

const anyFees = fc.uniqueArray(fc.record({ validatorIndex: anyU64, octas: anyU64 }), {
  maxLength: 4,
  selector: ({ validatorIndex }) => validatorIndex,
}).map((fees) => {
  const bytes = (value: bigint) => encodeBcs((writer) => writer.u64(value));
  return fees.toSorted((left, right) => compareBytes(bytes(left.validatorIndex), bytes(right.validatorIndex)));
});

const anyBlockEpilogue: fc.Arbitrary<BlockEpilogue> = fc.record({
  blockId: anyHash,
  end: fc.record({
    gasLimitReached: fc.boolean(),
    outputLimitReached: fc.boolean(),
    effectiveGasUnits: anyU64,
    approximateOutputSize: anyU64,
  }),
  fees: maybe(anyFees),
});

const anyValidatorTransaction: fc.Arbitrary<ValidatorTransaction> = fc.oneof(
  fc.record({ kind: kind("dkgResult"), epoch: anyU64, author: anyHash, transcript: anyBytes }),
  fc.record({
    kind: kind("observedJwkUpdate"),
    issuer: anyBytes,
    version: anyU64,
    keys: few(fc.record({ typeName: anyText, data: anyBytes })),
    signers: anyBytes,
    signature: maybe(fixedBytes(96)),
  }),
);

const anyWriteSetPayload: fc.Arbitrary<WriteSetPayload> = fc.oneof(
  fc.record({ kind: kind("direct"), writeSet: anyWriteSet, events: few(anyEvent) }),
  fc.record({ kind: kind("script"), executeAs: anyHash, script: anyScript }),
);

/** A transaction of any kind. */
export const anyTransaction: fc.Arbitrary<KnownTransaction> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: kind("user"), transaction: anySignedTransaction }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("genesis"), payload: anyWriteSetPayload }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("blockMetadata"), metadata: anyBlockMetadata }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("stateCheckpoint"), id: anyHash }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("validator"), transaction: anyValidatorTransaction }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("blockMetadataExt"), metadata: anyBlockMetadataExt }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("blockEpilogue"), epilogue: anyBlockEpilogue }) },
);
