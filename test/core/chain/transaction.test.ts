import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { decodeHex, encodeHex } from "../../../core/bytes/hex.ts";
import { BcsCursor } from "../../../core/chain/bcs.ts";
import {
  decodeTransaction,
  encodeTransaction,
  readTransaction,
  type Transaction,
} from "../../../core/chain/transaction.ts";
import { patternBytes } from "../../helpers/bytes.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { anyTransaction } from "../../helpers/transaction-arbitraries.ts";

layoutContract<Transaction>("Transaction", {
  arbitrary: anyTransaction,
  encode: encodeTransaction,
  decode: decodeTransaction,
  isUnknown: (transaction) => transaction.kind === "unknown",
});

const H = (salt: number) => encodeHex(patternBytes(32, salt));
const u64 = (value: number) => encodeHex(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
/** Sender, sequence number. */
const RAW_HEAD = H(1) + u64(7);
/** Most gas, price, expiry, chain. */
const RAW_TAIL = u64(1000) + u64(100) + u64(9) + "04";
const ED25519 = "0020" + H(2) + "40" + H(3) + H(4);
/** 0x1::m::f without type arguments, one argument of bytes 05. */
const CALL = H(5) + "016d" + "0166" + "00" + "01" + "0105";

/** Layouts written down from their definition, one a line, with the place in the decoded value that each must reach. */
const WRITTEN: readonly (readonly [string, string, object])[] = [
  ["a user transaction calling a function", "00" + RAW_HEAD + "02" + CALL + RAW_TAIL + ED25519, {
    kind: "user",
    transaction: {
      raw: {
        sequenceNumber: 7n,
        payload: { kind: "entryFunction", entryFunction: { function: "f", arguments: [Uint8Array.of(5)] } },
        maxGasAmount: 1000n,
        gasUnitPrice: 100n,
        expirationTimestampSecs: 9n,
        chainId: 4,
      },
      authenticator: { kind: "ed25519", publicKey: patternBytes(32, 2) },
    },
  }],
  [
    "a script with an argument of each kind",
    "00" + RAW_HEAD + "00" + "01a1" + "0106" + "01" + "0a" + "0007" + "01" + u64(8) +
    "02" + u64(9) + u64(1) + "03" + H(6) + "0402aabb" + "0501" + "060100" + "0702000000" + "08" + "03".padEnd(64, "0") +
    "0901cc" + RAW_TAIL + ED25519,
    {
      transaction: {
        raw: {
          payload: {
            kind: "script",
            script: {
              code: Uint8Array.of(0xa1),
              typeArguments: [{ kind: "vector", item: { kind: "u8" } }],
              arguments: [
                { kind: "u8", value: 7 },
                { kind: "u64", value: 8n },
                { kind: "u128", value: (1n << 64n) + 9n },
                { kind: "address", value: patternBytes(32, 6) },
                { kind: "bytes", value: Uint8Array.of(0xaa, 0xbb) },
                { kind: "bool", value: true },
                { kind: "u16", value: 1 },
                { kind: "u32", value: 2 },
                { kind: "u256", value: 3n },
                { kind: "serialized", value: Uint8Array.of(0xcc) },
              ],
            },
          },
        },
      },
    },
  ],
  ["a multisig transaction", "00" + RAW_HEAD + "03" + H(6) + "0100" + CALL + RAW_TAIL + ED25519, {
    transaction: { raw: { payload: { kind: "multisig", multisig: { entryFunction: { function: "f" } } } } },
  }],
  [
    "an orderless transaction",
    "00" + RAW_HEAD + "0400" + "01" + CALL + "00" + "00" + "01" + u64(3) + RAW_TAIL + ED25519,
    {
      transaction: {
        raw: {
          payload: { kind: "payload", executable: { kind: "entryFunction" }, config: { replayProtectionNonce: 3n } },
        },
      },
    },
  ],
  [
    "a fee payer",
    "00" + RAW_HEAD + "02" + CALL + RAW_TAIL + "03" + ED25519 + "01" + H(6) + "01" + "04" + H(7) + "0200" + "01aa" +
    "01" + "01bb",
    {
      transaction: {
        authenticator: {
          kind: "feePayer",
          secondaries: [{ kind: "none" }],
          feePayer: patternBytes(32, 7),
          feePayerAuthenticator: {
            kind: "singleKey",
            publicKey: { kind: "ed25519", publicKey: Uint8Array.of(0xaa) },
            signature: { kind: "secp256k1Ecdsa", signature: Uint8Array.of(0xbb) },
          },
        },
      },
    },
  ],
  [
    "an abstract account",
    "00" + RAW_HEAD + "02" + CALL + RAW_TAIL + "04" + "05" + H(6) + "016d" + "0166" + "01" + "01aa" + "01bb" +
    "01cc",
    {
      transaction: {
        authenticator: {
          kind: "singleSender",
          sender: {
            kind: "abstract",
            signingMessageDigest: Uint8Array.of(0xaa),
            signature: Uint8Array.of(0xbb),
            accountIdentity: Uint8Array.of(0xcc),
          },
        },
      },
    },
  ],
  ["genesis", "01" + "00" + "0000" + "00", { kind: "genesis", payload: { kind: "direct", events: [] } }],
  ["block metadata", "02" + H(1) + u64(1) + u64(2) + H(2) + "0180" + "0103000000" + u64(5), {
    kind: "blockMetadata",
    metadata: {
      epoch: 1n,
      round: 2n,
      previousBlockVotes: Uint8Array.of(0x80),
      failedProposerIndices: [3],
      timestampUsecs: 5n,
    },
  }],
  ["a state checkpoint", "03" + H(1), { kind: "stateCheckpoint", id: patternBytes(32, 1) }],
  ["a DKG result", "0400" + u64(1) + H(1) + "01aa", {
    kind: "validator",
    transaction: { kind: "dkgResult", epoch: 1n },
  }],
  ["a JWK update", "0401" + "01aa" + u64(4) + "01" + "0178" + "01bb" + "0180" + "00", {
    kind: "validator",
    transaction: {
      kind: "observedJwkUpdate",
      version: 4n,
      keys: [{ typeName: "x", data: Uint8Array.of(0xbb) }],
      signers: Uint8Array.of(0x80),
    },
  }],
  [
    "block metadata with randomness",
    "0501" + H(1) + u64(1) + u64(2) + H(2) + "00" + "00" + u64(5) + "01" + u64(1) + u64(2) + "01ee",
    {
      kind: "blockMetadataExt",
      metadata: { kind: "v1", randomness: { epoch: 1n, round: 2n, randomness: Uint8Array.of(0xee) } },
    },
  ],
  ["a block epilogue with fees", "0601" + H(1) + "00" + "0100" + u64(8) + u64(9) + "00" + "01" + u64(2) + u64(3), {
    kind: "blockEpilogue",
    epilogue: {
      end: { gasLimitReached: true, outputLimitReached: false, effectiveGasUnits: 8n, approximateOutputSize: 9n },
      fees: [{ validatorIndex: 2n, octas: 3n }],
    },
  }],
];

describe("a transaction", () => {
  it.each(WRITTEN)("that is %s has the written layout", (_, hex, expected) => {
    const transaction = decodeTransaction(decodeHex(hex));
    expect(transaction).toMatchObject(expected);
    expect(encodeHex(encodeTransaction(transaction))).toBe(hex);
  });

  it.each([
    ["of an unknown variant", "07" + H(1)],
    ["of a variant above 127", "8001" + H(1)],
    ["with an unknown payload", "00" + RAW_HEAD + "05" + H(1)],
    ["with an unknown signature scheme", "00" + RAW_HEAD + "02" + CALL + RAW_TAIL + "04" + "02" + "0001aa" + "0501bb"],
    ["with an unknown type", "00" + RAW_HEAD + "00" + "00" + "0112" + H(1)],
    ["with an unknown argument", "00" + RAW_HEAD + "00" + "00" + "00" + "010a07" + H(1)],
    ["with unknown block metadata", "0502" + H(1)],
    ["with an unknown block epilogue", "0602" + H(1)],
    ["with an unknown validator transaction", "0402" + H(1)],
    ["with an unknown write set", "0100" + "02" + "00"],
  ])("%s is carried as it is", (_, hex) => {
    const bytes = decodeHex(hex);
    const transaction = decodeTransaction(bytes);
    expect(transaction).toEqual({ kind: "unknown", variant: new BcsCursor(bytes).uleb128(), bytes });
    expect(encodeTransaction(transaction)).toEqual(bytes);
    expectSyncError(() => readTransaction(new BcsCursor(bytes)), "UNSUPPORTED");
  });

  it.each([
    ["empty", ""],
    ["a variant that is not minimal", "8700"],
    ["a short Ed25519 key", "00" + RAW_HEAD + "02" + CALL + RAW_TAIL + "001f" + H(2).slice(2) + "40" + H(3) + H(4)],
    ["a long Ed25519 signature", "00" + RAW_HEAD + "02" + CALL + RAW_TAIL + "0020" + H(2) + "41" + H(3) + H(4) + "00"],
    ["fees out of order", "0601" + H(1) + "00" + "0100" + u64(8) + u64(9) + "0002" + u64(2) + u64(3) + u64(1) + u64(3)],
  ])("that is %s is refused", (_, hex) => {
    expectSyncError(() => decodeTransaction(decodeHex(hex)), "MALFORMED_BCS");
  });

  it("of a kind without parts for others is refused with bytes behind it", () => {
    const bytes = concatBytes(decodeHex("03" + H(1)), Uint8Array.of(0));
    expectSyncError(() => decodeTransaction(bytes), "MALFORMED_BCS");
  });
});
