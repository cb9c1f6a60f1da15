import { expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { encodeBcs } from "../../../core/chain/bcs.ts";
import {
  decodeSignedTransaction,
  encodeSignedTransaction,
  rawTransactionSigningMessage,
  writeRawTransaction,
} from "../../../core/chain/signed-transaction.ts";
import fc from "fast-check";
import { layoutContract } from "../../helpers/layout.ts";
import { anySignedTransaction } from "../../helpers/transaction-arbitraries.ts";
import { APTOS } from "../../helpers/trust-context.ts";

layoutContract("SignedTransaction", {
  arbitrary: anySignedTransaction,
  encode: encodeSignedTransaction,
  decode: decodeSignedTransaction,
});

it("what a sender signs is the seed and the transaction, not a hash", () => {
  const [{ raw }] = fc.sample(anySignedTransaction, { seed: 1, numRuns: 1 }) as [never];
  const bytes = encodeBcs((writer) => writeRawTransaction(writer, raw));
  expect(rawTransactionSigningMessage(APTOS, raw)).toEqual(concatBytes(APTOS.seeds.rawTransaction, bytes));
});
