/**
 * Encoding and decoding of an answer with the outputs of a devnet, beside bare cbor-x over one byte string an item.
 *
 * `node test/bench/chunk-codec.bench.ts`. Ours is what a server and a client do: columns in a frame, checked by the strict
 * walker and read in place. The rival is the wire without columns: the same items and fields, in arrays, checked by nobody.
 *
 * @module
 */
import { Decoder } from "cbor-x/decode";
import { Encoder } from "cbor-x/encode";
import { buildDevnet } from "../../adapters/devnet/ledger-builder.ts";
import { createNodeSigner } from "../../adapters/devnet/node-ed25519-signer.ts";
import { equalBytes } from "../../core/bytes/bytes.ts";
import { type Column, columnItems } from "../../core/bytes/column.ts";
import { createChainContext } from "../../core/chain/hash.ts";
import { VELOR_PROFILE } from "../../core/chain/profile.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";
import { GET_RESPONSE_BYTES, MAX_OUTPUT_CHUNK } from "../../core/wire/limits.ts";
import { decodeResponse, encodeResponse } from "../../core/wire/response.ts";
import type { TransactionDataWithProof, TransactionOutputListWithProof } from "../../core/wire/response-types.ts";
import { createNodeHasher } from "../helpers/node-hasher.ts";
import { cpuMsOfCall, printRow } from "./bench-tools.ts";

const COUNTS = [1_000, MAX_OUTPUT_CHUNK];
/** One epoch with more transactions than the largest chunk, all alike: what funds the accounts is in front of them. */
const CHAIN = { accounts: 1_000, blocks: 9, transactionsPerBlock: 250, epochBlocks: 1_000 };

interface Outputs extends TransactionOutputListWithProof {
  readonly auxiliaryInfos: Column;
}

async function readOutputs(ledger: LedgerReader, head: bigint, count: number): Promise<Outputs> {
  const firstVersion = head - BigInt(count) + 1n;
  const chunk = await ledger.readChunk({ firstVersion, count, maxBytes: GET_RESPONSE_BYTES });
  if (chunk.count !== count) throw new Error(`Cannot read ${count} transactions: only ${chunk.count} fit an answer`);
  const proof = await ledger.rangeProof({ firstVersion, count, proofVersion: head });
  return { list: "outputs", ...chunk, lastVersion: head, proofVersion: head, proof };
}

/** The fields of a list with an array of byte strings for each column. */
function plainFields({ firstVersion, lastVersion, proofVersion, proof, ...columns }: Outputs): unknown[] {
  const { transactions, infos, events, writeSets, auxiliaryInfos } = columns;
  return [
    Number(firstVersion),
    Number(lastVersion),
    Number(proofVersion),
    ...[transactions, infos, events, writeSets, auxiliaryInfos].map(columnItems),
    proof.leftSiblings,
    proof.rightSiblings,
  ];
}

function assertSameOutputs(frame: Uint8Array, { writeSets }: Outputs): void {
  const { response } = decodeResponse(frame, { maxBytes: frame.length });
  const data = response?.kind === "transactionDataWithProof" ? response.data : undefined;
  if (data?.list === "outputs" && equalBytes(data.writeSets.bytes, writeSets.bytes)) return;
  throw new Error("Cannot measure: the answer is decoded to something else");
}

function measure(outputs: Outputs, chain: Uint8Array): void {
  const { count } = outputs.transactions;
  const response: TransactionDataWithProof = { kind: "transactionDataWithProof", data: outputs };
  const frame = encodeResponse(chain, response);
  assertSameOutputs(frame, outputs);
  const options = { useRecords: false, tagUint8Array: false };
  const encoder = new Encoder(options);
  const decoder = new Decoder(options);
  const fields = plainFields(outputs);
  const plain = new Uint8Array(encoder.encode(fields));
  const row = (what: string, ours: () => unknown, rival: () => unknown) => {
    const [ourMs, rivalMs] = [cpuMsOfCall(ours), cpuMsOfCall(rival)];
    const cells = [ourMs, rivalMs].flatMap((ms) => [(1_000 * ms) / count, frame.length / ms / 1e6]);
    printRow([what, `${count}`, frame.length / count, ...cells, `${(rivalMs / ourMs).toFixed(2)}x`], 3);
  };
  row("encode", () => encodeResponse(chain, response), () => encoder.encode(fields));
  // A view of its own each time, as decodeResponse takes: the decoder leaves a property on its argument.
  const maxBytes = frame.length;
  row("decode", () => decodeResponse(frame, { maxBytes }), () => decoder.decode(plain.subarray(0)));
}

const context = createChainContext(VELOR_PROFILE, createNodeHasher());
const { ledger, version, waypoint } = await buildDevnet({ context, signer: createNodeSigner(), ...CHAIN });
console.log(
  "microseconds of CPU a transaction; GB/s of frame; how many times as fast ours is as cbor-x",
);
printRow(["", "count", "B/tx", "ours", "GB/s", "cbor-x", "GB/s", "ours is"]);
for (const count of COUNTS) measure(await readOutputs(ledger, version, count), waypoint.value);
