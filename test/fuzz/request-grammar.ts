/**
 * Requests from their grammar: every variant, with parameters that mostly hit what a ledger holds, often its edges, and
 * sometimes nothing that is.
 *
 * @module
 */
import { concatBytes } from "../../core/bytes/bytes.ts";
import { GET_RESPONSE_BYTES, MAX_KEY_HASHES } from "../../core/wire/limits.ts";
import type {
  DataRequest,
  KnownPosition,
  ProvenVersions,
  StreamPosition,
  TransactionDataOption,
  TransactionDataType,
} from "../../core/wire/request.ts";
import { REQUEST_VARIANTS, type RequestKind } from "../../core/wire/request-types.ts";
import type { FuzzRandom } from "./fuzz-random.ts";
import { epochOf, type LedgerFacts } from "./ledger-facts.ts";

const KINDS = Object.keys(REQUEST_VARIANTS) as RequestKind[];
const WAITING_KINDS = KINDS.filter((kind) => /^getNew|^subscribe/.test(kind));
const PLAIN_KINDS: readonly RequestKind[] = [
  "getServerProtocolVersion",
  "getStorageServerSummary",
  "getLatestLedgerInfo",
  "getPeers",
];
const PARAMETER_KINDS = KINDS.filter((kind) => !WAITING_KINDS.includes(kind) && !PLAIN_KINDS.includes(kind));

/** Share of the requests without parameters: there is little to find. */
const PLAIN_PERCENT = 8;

/** What a client may say that it takes: nothing, less than a frame, an item, a few, and more than there is. */
const BYTE_LIMITS = [0, 1, 4_607, 4_608, 6_000, 20_000, 100_000, GET_RESPONSE_BYTES, 15 * 1024 * 1024, 0xffff_ffff];

/** Longest range asked for on purpose; others come by chance. */
const MAX_LENGTH = 300;

/** Streams of few ids meet each other's requests; those of many are new ones. */
const FEW_STREAMS = 8;

/** Draws requests about one ledger. */
export class RequestGrammar {
  readonly #facts: LedgerFacts;
  readonly #waitingPercent: number;

  /**
   * @param facts What there is to ask for.
   * @param waitingPercent Share of the requests that may wait.
   */
  constructor(facts: LedgerFacts, waitingPercent: number) {
    this.#facts = facts;
    this.#waitingPercent = waitingPercent;
  }

  /** Any request. */
  any(random: FuzzRandom): DataRequest {
    if (random.chance(this.#waitingPercent)) return this.ofKind(random, random.pick(WAITING_KINDS));
    return this.ofKind(random, random.pick(random.chance(PLAIN_PERCENT) ? PLAIN_KINDS : PARAMETER_KINDS));
  }

  /** A request of one kind. */
  ofKind(random: FuzzRandom, kind: RequestKind): DataRequest {
    switch (kind) {
      case "getServerProtocolVersion":
      case "getStorageServerSummary":
      case "getLatestLedgerInfo":
      case "getPeers":
        return { kind };
      case "getEpochEndingLedgerInfos":
        return { kind, ...this.#epochs(random) };
      case "getEpochEndingAtVersion":
        return { kind, version: this.#version(random) };
      case "getNumberOfStatesAtVersion":
        return { kind, version: this.#checkpoint(random) };
      case "getStateValuesWithProof":
        return { kind, version: this.#checkpoint(random), ...this.#indexes(random) };
      case "getStateValuesByKeyHash":
        return this.#stateValues(random);
      case "getTransactionByHash":
        return { kind, hash: this.#hash(random, this.#facts.transactionHashes) };
      default:
        return this.#data(random, kind);
    }
  }

  #data(random: FuzzRandom, kind: RequestKind): DataRequest {
    const position = kind.startsWith("subscribe")
      ? this.#stream(random)
      : kind.startsWith("getNew")
      ? this.#known(random)
      : this.#range(random);
    const what = kind.endsWith("TransactionDataWithProof")
      ? dataOption(random)
      : kind.includes("TransactionOutputs")
      ? {}
      : { includeEvents: random.chance(50) };
    return { kind, ...position, ...what } as DataRequest;
  }

  #version(random: FuzzRandom): bigint {
    const { lastVersion, epochEnds } = this.#facts;
    const draw = random.below(100);
    if (draw < 65) return BigInt(random.below(Number(lastVersion) + 1));
    if (draw < 85) return asU64(random.pick(epochEnds) + BigInt(random.below(3)) - 1n);
    if (draw < 93) return random.pick([0n, lastVersion, lastVersion + 1n, lastVersion + 1_000n]);
    return random.u64();
  }

  #checkpoint(random: FuzzRandom): bigint {
    const { checkpoints } = this.#facts;
    return random.chance(85) ? random.pick(checkpoints) : this.#version(random);
  }

  #range(random: FuzzRandom): ProvenVersions {
    const { lastVersion } = this.#facts;
    const firstVersion = this.#version(random);
    if (random.chance(8) || firstVersion > lastVersion) {
      return { firstVersion, lastVersion: this.#version(random), proofVersion: this.#version(random) };
    }
    const end = this.#endOfEpoch(firstVersion);
    const wanted = random.chance(40)
      ? alignedEnd(firstVersion, random.below(9))
      : asU64(firstVersion + BigInt(random.below(1 + random.below(MAX_LENGTH))));
    const isCut = random.chance(90);
    const last = isCut && wanted > lastVersion ? lastVersion : wanted;
    const proofVersion = random.chance(60) && end >= last
      ? end
      : random.chance(85)
      ? lastVersion
      : asU64(last + BigInt(random.below(40)));
    return { firstVersion, lastVersion: last, proofVersion };
  }

  #endOfEpoch(version: bigint): bigint {
    return this.#facts.epochEnds.find((end) => version <= end) ?? this.#facts.lastVersion;
  }

  #known(random: FuzzRandom): KnownPosition {
    const knownVersion = this.#version(random);
    const knownEpoch = random.chance(90) ? epochOf(this.#facts, knownVersion + 1n) : random.u64();
    return { knownVersion, knownEpoch };
  }

  #stream(random: FuzzRandom): StreamPosition {
    const streamId = random.chance(30) ? BigInt(random.below(FEW_STREAMS)) : random.u64() ^ BigInt(random.u32());
    // Requests of one stream say the same of it, mostly: what they say follows from the id.
    const knownVersion = streamId * 7n % (this.#facts.lastVersion + 1n);
    const fits = { knownVersion, knownEpoch: epochOf(this.#facts, knownVersion + 1n) };
    const streamIndex = random.chance(75) ? 0n : random.chance(80) ? BigInt(random.below(4)) : random.u64();
    return { stream: { ...(random.chance(90) ? fits : this.#known(random)), streamId }, streamIndex };
  }

  #epochs(random: FuzzRandom): { firstEpoch: bigint; lastEpoch: bigint } {
    const count = this.#facts.epochEnds.length;
    const firstEpoch = random.chance(90) ? BigInt(random.below(count + 1)) : random.u64();
    const lastEpoch = random.chance(90) ? asU64(firstEpoch + BigInt(random.below(count))) : random.u64();
    const isCut = random.chance(80) && firstEpoch < count && lastEpoch >= count;
    return { firstEpoch, lastEpoch: isCut ? BigInt(count - 1) : lastEpoch };
  }

  #indexes(random: FuzzRandom): { firstIndex: bigint; lastIndex: bigint } {
    const { stateCount } = this.#facts;
    const firstIndex = random.chance(93) ? BigInt(random.below(stateCount)) : random.u64();
    const draw = random.below(100);
    if (draw < 40) return { firstIndex, lastIndex: alignedEnd(firstIndex, random.below(9)) };
    return { firstIndex, lastIndex: draw < 93 ? asU64(firstIndex + BigInt(random.below(stateCount))) : random.u64() };
  }

  #stateValues(random: FuzzRandom): DataRequest {
    const kind = "getStateValuesByKeyHash";
    const count = random.chance(70) ? 1 : 1 + random.below(random.chance(80) ? 16 : MAX_KEY_HASHES);
    const keyHashes = concatBytes(...Array.from({ length: count }, () => this.#hash(random, this.#facts.keyHashes)));
    if (random.chance(25)) return { kind, keyHashes };
    const checkpoint = this.#checkpoint(random);
    if (random.chance(15)) return { kind, keyHashes, checkpoint };
    const draw = random.below(100);
    const proofVersion = draw < 60
      ? this.#endOfEpoch(checkpoint)
      : draw < 85
      ? this.#facts.lastVersion
      : this.#version(random);
    return random.chance(4) ? { kind, keyHashes, proofVersion } : { kind, keyHashes, checkpoint, proofVersion };
  }

  #hash(random: FuzzRandom, known: readonly Uint8Array[]): Uint8Array {
    if (random.chance(15)) return random.bytes(32);
    const hash = random.pick(known);
    // A neighbour, so that absence is proven from a long path too.
    return random.chance(10) ? hash.with(31, (hash[31] as number) ^ 1) : hash;
  }
}

function dataOption(random: FuzzRandom): TransactionDataOption {
  const maxResponseBytes = random.chance(80) ? random.pick(BYTE_LIMITS) : random.below(300_000);
  return { dataType: dataType(random), maxResponseBytes };
}

function dataType(random: FuzzRandom): TransactionDataType {
  const kind = random.pick(["transactions", "outputs", "transactionsOrOutputs"] as const);
  return kind === "outputs" ? { kind } : { kind, includeEvents: random.chance(50) };
}

/** Wraps around, as a client without care would. */
function asU64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** End of the aligned block of 2^power numbers that holds `first`. */
function alignedEnd(first: bigint, power: number): bigint {
  return first | ((1n << BigInt(power)) - 1n);
}
