import { describe, expect, it } from "vitest";
import { deriveValidatorKey, signLedgerInfo } from "../../../adapters/devnet/validator-keys.ts";
import { verifyLedgerInfo } from "../../../core/trust/validator-verifier.ts";
import { makeEpochChain } from "../../helpers/epoch-chain.ts";
import { APTOS, refusal, VELOR, VERIFIER } from "../../helpers/trust-context.ts";

describe.each([["bls12381", 48, APTOS], ["ed25519", 32, VELOR]] as const)(
  "validator keys of %s",
  (scheme, bytes, context) => {
    it("come from the seed and the index alone", () => {
      const key = deriveValidatorKey(scheme, 1n, 0);
      expect(key.publicKey).toHaveLength(bytes);
      expect(key.secretKey).toHaveLength(32);
      expect(deriveValidatorKey(scheme, 1n, 0)).toEqual(key);
      expect(deriveValidatorKey(scheme, 1n, 1)).not.toEqual(key);
      expect(deriveValidatorKey(scheme, 2n, 0)).not.toEqual(key);
    });

    it("sign what the verifier accepts, the same bytes each time", async () => {
      const chain = makeEpochChain(context, { epochs: 2 });
      const info = chain.ledgerInfo(1, 50n);
      const signed = chain.sign(info, [3, 1, 2]);
      expect(chain.sign(info, [1, 2, 3]).bytes).toEqual(signed.bytes);
      expect(await verifyLedgerInfo(context, chain.epochState(1), signed, VERIFIER)).toBe(signed);
    });

    it("refuse to sign as nobody, twice, or as a validator that is not there", () => {
      const chain = makeEpochChain(context, { epochs: 2 });
      const key = deriveValidatorKey(scheme, 7n, 1);
      for (const indexes of [[], [0, 0], [4], [-1]]) {
        const signers = indexes.map((index) => ({ index, key }));
        expect(() => signLedgerInfo(context, chain.ledgerInfo(1, 50n), chain.epochState(1), signers)).toThrow(
          expect.objectContaining(refusal("INVALID_ARGUMENT")),
        );
      }
    });
  },
);
