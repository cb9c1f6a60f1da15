/**
 * Answers to requests that do not wait, through the response cache.
 *
 * A request is judged against the ledger as it is now before the cache is asked, so nothing that is pruned or refused today
 * comes from an answer of yesterday.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../ports/metrics.ts";
import { isUnknownChain } from "../wire/frame.ts";
import type { DirectRequest } from "../wire/request-types.ts";
import { encodeResponse, type TransactionDataList } from "../wire/response.ts";
import type { AnswerFrame } from "./answer-frame.ts";
import type { AnswerRoom } from "./answer-room.ts";
import type { StorageServiceConfig } from "./config.ts";
import type { LedgerView } from "./ledger-view.ts";
import type { AnswerLifetime } from "./lifetime.ts";
import { FAILURE, requestLabel, SUCCESS } from "./metric-labels.ts";
import { STORAGE_FETCH_PROCESSING_LATENCY, STORAGE_RESPONSE_CREATION_LATENCY } from "./metrics.ts";
import type { RangeRequest } from "./range-answer.ts";
import { requestKey } from "./request-key.ts";
import { createResponseCache, type Keeping, type Loaded } from "./response-cache.ts";
import type { Answer, StorageService } from "./service.ts";

/**
 * Makes answers, each once. Equal requests that come at the same time share one, and so do later ones as long as it is kept:
 * what is handed out is read only.
 *
 * Its methods throw what {@link StorageService.answer} throws.
 */
export interface AnswerFrames {
  /**
   * The encoded answer to a request.
   *
   * @param isUrgent Where it must be made, it does not wait for what is being sent to others.
   */
  frame(request: DirectRequest, isUrgent?: boolean): Promise<AnswerFrame>;
  /**
   * What the answer to a request for a range holds, for those who put it into an answer of their own. To be called in a turn
   * of the answer room.
   */
  list(request: RangeRequest): Promise<SharedList>;
  /**
   * An answer of the caller's making, made once for all that share `key`, and kept if it may be and there is room, whatever
   * its lifetime tells other caches.
   *
   * @param request For the list that the answer holds.
   * @param key Names everything that the answer depends on. It need not differ from the keys of requests.
   */
  shared(request: RangeRequest, key: string, make: () => Promise<SharedFrame>): Promise<AnswerFrame>;
}

/** A list that others may hold too: read only. */
export interface SharedList {
  /** The list. */
  readonly list: TransactionDataList;
  /** False if it ends where time ran out: the next one who asks may get more. */
  readonly mayBeKept: boolean;
}

/** An answer of a caller's making. */
interface SharedFrame {
  /** The answer. */
  readonly frame: AnswerFrame;
  /** 32-byte name of the chain in it; all zeros: not known. */
  readonly chain: Uint8Array;
  /** False if it holds a list that may not be kept. */
  readonly mayBeKept: boolean;
}

/** What answers are made of. */
export interface AnswerFramesParts {
  /** Judges requests and reads the ledger. */
  readonly service: StorageService;
  /** Where frames are made. */
  readonly room: Pick<AnswerRoom, "turn">;
  /** Bounds of the cache. */
  readonly config: Pick<StorageServiceConfig, "maxLruCacheBytes" | "maxLruCacheSize">;
  /** Measures how long reading and encoding take. */
  readonly clock: Clock;
  /** Told of both, and of the cache's hits. */
  readonly metrics: Metrics;
}

/** Creates an empty cache over a service. */
export function createAnswerFrames(parts: AnswerFramesParts): AnswerFrames {
  const { service, room, config, metrics } = parts;
  const cache = createResponseCache<AnswerFrame | SharedList>({
    maxBytes: config.maxLruCacheBytes,
    maxEntries: config.maxLruCacheSize,
    metrics,
  });
  const headOf = rememberingHead();

  return {
    async frame(request, isUrgent = false) {
      const view = await service.check(request);
      const load = async () => {
        const answer = await timedRead(parts, request);
        const frame = timedFrame(parts, request, answer);
        return { value: frame, sizeBytes: frame.bytes.length, keeping: keepingOf(answer.lifetime, answer) };
      };
      return asFrame(await cache.get(requestKey(request), headOf(view), () => room.turn(load, { isUrgent })));
    },
    async list(request) {
      const view = await service.check(request);
      const load = async (): Promise<Loaded<SharedList>> => {
        const answer = await timedRead(parts, request);
        const list = listOf(answer);
        const keeping = keepingOf(answer.lifetime, view);
        return { value: { list, mayBeKept: keeping !== "never" }, sizeBytes: heldBytes(list), keeping };
      };
      return asList(await cache.get(`list ${requestKey(request)}`, headOf(view), load));
    },
    async shared(request, key, make) {
      const view = await service.check(request);
      const load = async (): Promise<Loaded<AnswerFrame>> => {
        const { frame, chain, mayBeKept } = await make();
        const keeping = mayBeKept ? keepingOf("immutable", { chain }) : "never";
        return { value: frame, sizeBytes: frame.bytes.length, keeping };
      };
      return asFrame(await cache.get(`shared ${key}`, headOf(view), load));
    },
  };
}

/**
 * Names all that answers about the head depend on: a text for each view, the same as long as the summary is the same.
 *
 * Views are read many times a second and seldom differ, so the text of the last one is remembered.
 */
function rememberingHead(): (view: LedgerView) => string {
  let last: LedgerView | undefined;
  let name = "";
  return (view) => {
    if (view === last) return name;
    last = view;
    name = headName(view);
    return name;
  };
}

function headName({ chain, serviceable }: LedgerView): string {
  const { synced, epochEndings, states, transactions, outputs, snapshots } = serviceable;
  const ranges = [epochEndings, states, transactions, outputs].map((range) => `${range?.lowest}-${range?.highest}`);
  return [synced?.version, ...ranges, ...snapshots, chain].join(",");
}

/** As its lifetime says; but what is sent while the chain's name is not known is made again when it is. */
function keepingOf(lifetime: AnswerLifetime, { chain }: { readonly chain: Uint8Array }): Keeping {
  if (lifetime === "none") return "never";
  return lifetime === "second" || isUnknownChain(chain) ? "atHead" : "always";
}

async function timedRead({ service, clock, metrics }: AnswerFramesParts, request: DirectRequest): Promise<Answer> {
  const startedMs = clock.monotonicMs();
  const observe = (result: string) => {
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    metrics.observe(STORAGE_FETCH_PROCESSING_LATENCY, [requestLabel(request), result], seconds);
  };
  try {
    const answer = await service.answer(request);
    observe(SUCCESS);
    return answer;
  } catch (error) {
    observe(FAILURE);
    throw error;
  }
}

function timedFrame(
  { clock, metrics }: AnswerFramesParts,
  request: DirectRequest,
  { response, lifetime, chain }: Answer,
): AnswerFrame {
  const startedMs = clock.monotonicMs();
  const bytes = encodeResponse(chain, response);
  const seconds = (clock.monotonicMs() - startedMs) / 1000;
  metrics.observe(STORAGE_RESPONSE_CREATION_LATENCY, [requestLabel(request), SUCCESS], seconds);
  return { bytes, lifetime, kind: response.kind };
}

function listOf({ response }: Answer): TransactionDataList {
  switch (response.kind) {
    case "transactionDataWithProof":
    case "transactionsWithProof":
    case "transactionOutputsWithProof":
    case "transactionsOrOutputsWithProof":
      return response.data;
    default:
      throw new SyncError("INTERNAL", `Cannot answer: the service gave ${response.kind}`);
  }
}

/** Bytes that a list keeps alive: the whole buffers behind its columns, which may hold more than is seen of them. */
function heldBytes(list: TransactionDataList): number {
  const columns: (Column | undefined)[] = [list.transactions, list.infos, list.events, list.auxiliaryInfos];
  if (list.list === "outputs") columns.push(list.writeSets);
  const buffers = new Set<ArrayBufferLike>();
  for (const column of columns) {
    if (column !== undefined) buffers.add(column.bytes.buffer).add(column.offsets.buffer);
  }
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function asFrame(value: AnswerFrame | SharedList): AnswerFrame {
  if ("lifetime" in value) return value;
  throw new SyncError("INTERNAL", "Cannot answer: a list is kept where a frame was expected");
}

function asList(value: AnswerFrame | SharedList): SharedList {
  if ("list" in value) return value;
  throw new SyncError("INTERNAL", "Cannot answer: a frame is kept where a list was expected");
}
