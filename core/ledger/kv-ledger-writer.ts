/**
 * The ledger writer over an ordered key-value store.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { HASH_BYTES, ZERO_HASH } from "../chain/hash.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { isSyncError, SyncError } from "../errors.ts";
import { accumulatorRoot, growAccumulator } from "../merkle/accumulator.ts";
import type { KvOperation } from "../ports/ordered-kv.ts";
import type { Verified } from "../trust/verified.ts";
import { growTiles } from "./accumulator-tiles.ts";
import {
  assertLedgerInfoFits,
  assertStateFits,
  assertWaypointHolds,
  type ChunkFacts,
  inspectChunk,
  lastWriteSet,
} from "./commit-checks.ts";
import { extendRange, newEndings, putEpochEnding } from "./ending-range.ts";
import { epochEndAtOrAbove, readEpochEnding } from "./epoch-endings.ts";
import { addHashes } from "./hash-runs.ts";
import { decodeHeadRecord, EMPTY_HEAD, encodeHeadRecord, type HeadRecord } from "./head-record.ts";
import { FENCE_KEY, STORE_RECORD_KEY } from "./keys.ts";
import { KvLedgerReader } from "./kv-ledger-reader.ts";
import { putLarge } from "./large-value.ts";
import type { LedgerParts } from "./ledger-parts.ts";
import { type LedgerProgress, nextVersion } from "./reader.ts";
import { encodeSegment, SEGMENT_TARGET_BYTES, splitIntoSegments } from "./segment.ts";
import { type StagedTree, stageTree, writeTree } from "./state-staging.ts";
import { encodeStoreRecord, type StoreRecord } from "./store-record.ts";
import type { CommitInput, LedgerWriter, StagedState, StageStateInput } from "./writer.ts";

/** What a writer has besides the parts: its place, and what the store said when it took it. */
export interface WriterPlace {
  /** Value that every commit expects at the fence key. */
  readonly fence: Uint8Array;
  readonly record: StoreRecord;
}

/** Reads and extends a ledger. Made by `openLedgerWriter` and `createLedger`. */
export class KvLedgerWriter extends KvLedgerReader implements LedgerWriter {
  readonly #fence: Uint8Array;
  #record: StoreRecord;
  /** What the store holds; `undefined` before it is read, and after a commit of unknown outcome. */
  #head: HeadRecord | undefined;
  readonly #staged = new WeakMap<StagedState, StagedTree>();
  #queue: Promise<unknown> = Promise.resolve();

  /** @param parts Kept. */
  constructor(parts: LedgerParts, place: WriterPlace) {
    super(parts);
    this.#fence = place.fence;
    this.#record = place.record;
  }

  stageState(input: StageStateInput): Promise<StagedState> {
    return this.#exclusively(async () => {
      const staged = await stageTree(this.parts, await this.#loadHead(), input);
      this.#staged.set(staged.state, staged);
      return staged.state;
    });
  }

  commit(input: CommitInput): Promise<LedgerProgress> {
    return this.#exclusively(async () => {
      await this.#commitChunk(input);
      return await this.progress();
    });
  }

  storeEpochEndings(list: readonly Verified<LedgerInfoWithSignatures>[]): Promise<void> {
    return this.#exclusively(async () => {
      const head = await this.#loadHead();
      const added = await newEndings(this.parts, list, { head, waypoint: this.#record.waypoint });
      let range = head.epochEndings;
      for (const info of added) range = await extendRange(this.parts, range, info.ledgerInfo.commitInfo.epoch);
      if (added.length === 0) return;
      await this.#write(added.flatMap((info) => putEpochEnding(this.parts, info)), { ...head, epochEndings: range });
    });
  }

  pinChain(chain: Uint8Array): Promise<void> {
    return this.#exclusively(async () => {
      if (chain.length !== HASH_BYTES || equalBytes(chain, ZERO_HASH)) {
        throw new SyncError("INVALID_ARGUMENT", "Cannot pin chain: it is the 32-byte value of a genesis waypoint");
      }
      if (equalBytes(this.#record.chain, chain)) return;
      if (!equalBytes(this.#record.chain, ZERO_HASH)) {
        throw new SyncError("NETWORK_MISMATCH", "Cannot pin chain: the store belongs to another network");
      }
      const record = { ...this.#record, chain: chain.slice() };
      await this.#write([{ put: STORE_RECORD_KEY, value: encodeStoreRecord(record) }], await this.#loadHead());
      this.#record = record;
    });
  }

  async #commitChunk({ chunk, state, ledgerInfo }: CommitInput): Promise<void> {
    const head = await this.#loadHead();
    const facts = inspectChunk(chunk, chunk.infoHashes);
    if (chunk.firstVersion !== nextVersion(head)) {
      throw new SyncError(
        "INVALID_ARGUMENT",
        `Cannot commit chunk: the next version is ${nextVersion(head)}, it begins at ${chunk.firstVersion}`,
        { detail: { next: nextVersion(head), firstVersion: chunk.firstVersion } },
      );
    }
    assertStateFits(facts, state);
    const staged = state === undefined ? undefined : this.#requireStaged(state, head);
    const stored = await this.#storedEnding(chunk.firstVersion, facts);
    const info = agreeing(stored, ledgerInfo);
    const grown = growAccumulator({ accumulator: head.accumulator, leafHashes: chunk.infoHashes }, this.parts.nodeHash);
    this.#assertCovered(facts, info);
    if (info !== undefined) {
      assertLedgerInfoFits(info, {
        context: this.parts.context,
        facts,
        lastWriteSet: lastWriteSet(chunk),
        accumulatorRoot: accumulatorRoot(grown.accumulator, this.parts.nodeHash),
        epoch: head.trustedEnding === undefined ? undefined : head.trustedEnding + 1n,
      });
    }
    const { context } = this.parts;
    assertWaypointHolds(this.#record.waypoint, { ...facts, firstVersion: chunk.firstVersion, context }, info);

    const { kv, keys } = this.parts;
    const segments = splitIntoSegments(chunk, SEGMENT_TARGET_BYTES);
    const tree = staged === undefined ? undefined : writeTree(this.parts, staged);
    const ending = await this.#endingOperations(facts, info, stored);
    await this.#write(
      [
        ...segments.flatMap((piece) => putLarge(keys.segment(piece.firstVersion), encodeSegment(piece))),
        ...await growTiles(kv, keys, grown.runs),
        ...tree?.operations ?? [],
        ...await addHashes(kv, keys, { firstVersion: chunk.firstVersion, hashes: facts.transactionHashes }),
        ...ending,
      ],
      {
        ...await this.#headAfter(head, facts, info),
        checkpointVersion: facts.checkpoint?.version ?? head.checkpointVersion,
        accumulator: grown.accumulator,
      },
    );
    if (tree === undefined || facts.checkpoint === undefined) return;
    this.parts.records.add(facts.checkpoint.version, tree.record);
    this.parts.nodePages.add(facts.checkpoint.version, tree.nodePages);
  }

  #requireStaged(state: StagedState, head: HeadRecord): StagedTree {
    const staged = this.#staged.get(state);
    if (staged !== undefined && staged.base === head) return staged;
    throw new SyncError("INVALID_ARGUMENT", "Cannot commit chunk: its state was not staged on the current version");
  }

  /** The epoch ending stored for the chunk's last version; refuses a chunk that a stored one lies inside of. */
  async #storedEnding(firstVersion: bigint, facts: ChunkFacts): Promise<LedgerInfoWithSignatures | undefined> {
    const { kv, keys, context } = this.parts;
    const end = await epochEndAtOrAbove(kv, keys, firstVersion);
    if (end === undefined || end.version > facts.lastVersion) return undefined;
    if (end.version < facts.lastVersion) {
      throw new SyncError("INVALID_ARGUMENT", `Cannot commit chunk: version ${end.version} ends an epoch inside it`);
    }
    if (end.epoch === undefined) return undefined;
    return await readEpochEnding(kv, keys, { epoch: end.epoch, profile: context.profile });
  }

  /** Below the waypoint nothing is signed for us: there the data alone, proven by the waypoint's root, ends epochs. */
  #assertCovered(facts: ChunkFacts, info: LedgerInfoWithSignatures | undefined): void {
    if (!facts.endsEpoch || info !== undefined || facts.lastVersion < this.#record.waypoint.version) return;
    throw new SyncError(
      "EPOCH_MISMATCH",
      `Cannot commit chunk: version ${facts.lastVersion} ends its epoch, and no ledger info says so`,
      { detail: { version: facts.lastVersion } },
    );
  }

  async #endingOperations(
    facts: ChunkFacts,
    info: LedgerInfoWithSignatures | undefined,
    stored: LedgerInfoWithSignatures | undefined,
  ): Promise<KvOperation[]> {
    if (!facts.endsEpoch || stored !== undefined) return [];
    if (info !== undefined) return putEpochEnding(this.parts, info);
    return [{ put: this.parts.keys.epochEnd(facts.lastVersion), value: new Uint8Array(0) }];
  }

  /** Everything of the head that versions and ledger infos decide. */
  async #headAfter(
    head: HeadRecord,
    facts: ChunkFacts,
    info: LedgerInfoWithSignatures | undefined,
  ): Promise<HeadRecord> {
    const written = { ...head, preCommittedVersion: facts.lastVersion };
    if (info === undefined) return facts.endsEpoch ? { ...written, trustedEnding: undefined } : written;
    const signed = { ...written, latestLedgerInfo: info.bytes };
    if (!facts.endsEpoch) return signed;
    const { epoch } = info.ledgerInfo.commitInfo;
    const epochEndings = await extendRange(this.parts, head.epochEndings, epoch);
    return { ...signed, trustedEnding: epoch, epochEndings };
  }

  async #loadHead(): Promise<HeadRecord> {
    if (this.#head === undefined) {
      const bytes = await this.parts.kv.get(this.parts.keys.head);
      this.#head = bytes === undefined ? EMPTY_HEAD : decodeHeadRecord(bytes);
    }
    return this.#head;
  }

  async #write(operations: readonly KvOperation[], head: HeadRecord): Promise<void> {
    this.#head = undefined;
    await this.parts.kv.commit([...operations, { put: this.parts.keys.head, value: encodeHeadRecord(head) }], {
      expect: [[FENCE_KEY, this.#fence]],
    });
    this.#head = head;
  }

  /** What does not fit our place may fit that of a writer who took it over: then that is the reason. */
  async #explain(error: unknown): Promise<never> {
    if (!isSyncError(error, "INVALID_ARGUMENT")) throw error;
    const fence = await this.parts.kv.get(FENCE_KEY);
    if (fence !== undefined && equalBytes(fence, this.#fence)) throw error;
    throw new SyncError("STORAGE_CONFLICT", "Cannot write: another writer took over", { cause: error });
  }

  #exclusively<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(run).catch((error: unknown) => this.#explain(error));
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** The stored ending if there is one, else the ledger info given; both must say the same. */
function agreeing(
  stored: LedgerInfoWithSignatures | undefined,
  given: LedgerInfoWithSignatures | undefined,
): LedgerInfoWithSignatures | undefined {
  if (stored === undefined || given === undefined) return stored ?? given;
  if (equalBytes(stored.ledgerInfoBytes, given.ledgerInfoBytes)) return stored;
  throw new SyncError(
    "PROOF_MISMATCH",
    `Cannot commit chunk: another ledger info is stored for version ${stored.ledgerInfo.commitInfo.version}`,
  );
}
