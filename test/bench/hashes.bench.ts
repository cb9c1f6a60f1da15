/**
 * SHA3-256 through the hasher port beside other ways to it: millions of hashes a second, by kind and size of message.
 *
 * `node test/bench/hashes.bench.ts`. Everything hashed is preceded by a seed of 32 bytes, so a node of a tree has 96 bytes.
 * The port takes flat batches; the rivals get each seed and message joined beforehand, which favours them.
 *
 * @module
 */
import { createHash, hash } from "node:crypto";
import { sha3_256 } from "@noble/hashes/sha3.js";
import { concatBytes, equalBytes } from "../../core/bytes/bytes.ts";
import { columnItems, encodeColumn } from "../../core/bytes/column.ts";
import { HASH_BYTES } from "../../core/chain/hash.ts";
import { createNobleHasher } from "../../core/chain/noble-hasher.ts";
import { PAIR_BYTES } from "../../core/merkle/node-hash.ts";
import { cpuMsOfCall, printRow, seededBytes } from "./bench-tools.ts";

const MESSAGES = 4_096;
/** Nodes a call: a single one, a small level of a tree, a large one. */
const PAIR_BATCHES = [1, 16, MESSAGES];
/** A transaction info, an event or a short transaction, a write set. */
const MESSAGE_BYTES = [200, 300, 600];

/** Hashes one seeded message. */
type OneShot = (input: Uint8Array) => Uint8Array;

const RIVALS: readonly (readonly [name: string, oneShot: OneShot])[] = [
  ["@noble", (input) => sha3_256(input)],
  ["createHash", (input) => createHash("sha3-256").update(input).digest()],
  ["crypto.hash", (input) => hash("sha3-256", input, "buffer")],
];

/** The same messages for the port and for the rivals. */
interface Workload {
  readonly name: string;
  /** Hashes all messages through the port: the hashes of each call. */
  readonly ours: () => Uint8Array[];
  /** Seed and message, joined. */
  readonly inputs: readonly Uint8Array[];
}

const hasher = createNobleHasher();
const seed = seededBytes(HASH_BYTES, 1);

function seeded(messages: readonly Uint8Array[]): Uint8Array[] {
  return messages.map((message) => concatBytes(seed, message));
}

function piecesOf(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function pairsWorkload(batch: number): Workload {
  const pairs = seededBytes(MESSAGES * PAIR_BYTES, 2);
  const batches = piecesOf(pairs, batch * PAIR_BYTES);
  return {
    name: `pairs x ${batch}`,
    ours: () => batches.map((piece) => hasher.hashPairs(seed, piece)),
    inputs: seeded(piecesOf(pairs, PAIR_BYTES)),
  };
}

function columnWorkload(messageBytes: number): Workload {
  const column = encodeColumn(piecesOf(seededBytes(MESSAGES * messageBytes, 3), messageBytes));
  return {
    name: `${messageBytes} B`,
    ours: () => [hasher.hashColumn(seed, column)],
    inputs: seeded(columnItems(column)),
  };
}

/** Millions of hashes a second. */
function rateOf(run: () => unknown): number {
  return MESSAGES / cpuMsOfCall(run) / 1_000;
}

function measure({ name, ours, inputs }: Workload): void {
  const expected = concatBytes(...ours());
  const rate = rateOf(ours);
  const rivals = RIVALS.flatMap(([rival, oneShot]) => {
    if (!equalBytes(concatBytes(...inputs.map(oneShot)), expected)) throw new Error(`${rival} has other hashes`);
    const rivalRate = rateOf(() => inputs.forEach(oneShot));
    return [rivalRate, `${(rate / rivalRate).toFixed(2)}x`];
  });
  printRow([name, rate, ...rivals], 3);
}

console.log("millions of hashes a second of CPU time; how many times as fast the port is as the rival to the left");
printRow(["messages", "port", ...RIVALS.flatMap(([name]) => [name, "port is"])]);
for (const batch of PAIR_BATCHES) measure(pairsWorkload(batch));
for (const messageBytes of MESSAGE_BYTES) measure(columnWorkload(messageBytes));
