/**
 * Where an answer is cut: at the item cap, at the last item that fits the byte limit, proof and frame included, or where the
 * time for reading was up.
 *
 * But for the last, the cut is a function of the items and the limits alone, never of how the store keeps them: all servers
 * cut alike. It takes one pass over storage, which ends where the cut is but for what the store reads at a time.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { joinColumnRanges } from "../bytes/column-ranges.ts";
import { SyncError } from "../errors.ts";
import { alignedCut } from "../wire/ranges.ts";
import { ANSWER_OVERHEAD_BYTES } from "../wire/limits.ts";
import type { ReadBudget } from "./read-budget.ts";
import { ResponseProgress, type Truncation } from "./response-progress.ts";
import type { ColumnRun, RunSource } from "./run-source.ts";

/** Bytes of the offset that a column spends on each item. */
const OFFSET_BYTES = 4;

/** What a list may hold. */
export interface ListLimits {
  /** Version, epoch or index of the first item. */
  readonly first: bigint;
  /** Number of items asked for that are there, before any cap; ≥ 1. */
  readonly wanted: number;
  /** The item cap. */
  readonly maxItems: number;
  /** The byte limit of the request; one item is always allowed. */
  readonly maxBytes: number;
  /** The server's own limit, for that one item too. */
  readonly hardMaxBytes: number;
  /** Number of leading columns of a run that the list holds. */
  readonly width: number;
}

/** How much of what was read a list holds. */
export interface ListCut {
  /** Number of items, ≥ 1: all that were wanted, or a number below that ends on an aligned boundary. */
  readonly count: number;
  /** Why there are fewer than wanted and allowed by the item cap, if there are. */
  readonly truncation?: Truncation;
}

/**
 * Reads as far as a list reaches.
 *
 * @param source Runs from `first` on. What is read already is not read again.
 * @throws {SyncError} `TOO_LARGE` if the first item alone is above the server's own limit; what reading throws.
 */
export async function cutList(source: RunSource, limits: ListLimits, budget: ReadBudget): Promise<ListCut> {
  const progress = await fill(source, { ...limits, allowFirst: true }, budget);
  assertFirstItem(source, limits);
  const truncation = progress.truncation();
  const count = progress.items >= limits.wanted ? limits.wanted : alignedCut(limits.first, progress.items);
  return truncation === undefined ? { count } : { count, truncation };
}

/** Whether a list holds all items that are wanted and allowed. */
export interface ListTrial {
  /** Whether all of them fit, in the time there is. */
  readonly holdsEverything: boolean;
  /** Why not, if the store has them. */
  readonly truncation?: Truncation;
}

/** Reads as far as a list reaches, to see whether it holds everything. */
export async function tryList(source: RunSource, limits: ListLimits, budget: ReadBudget): Promise<ListTrial> {
  const progress = await fill(source, { ...limits, allowFirst: false }, budget);
  const holdsEverything = progress.items >= Math.min(limits.wanted, limits.maxItems);
  const truncation = progress.truncation();
  return truncation === undefined ? { holdsEverything } : { holdsEverything, truncation };
}

/** The first `count` items of one column of what was read. */
export function leadingItems(source: RunSource, column: number, count: number): Column {
  const ranges: { column: Column; first: number; count: number }[] = [];
  let left = count;
  for (const run of source.read) {
    if (left === 0) break;
    const part = run[column] as Column;
    const taken = Math.min(left, part.count);
    ranges.push({ column: part, first: 0, count: taken });
    left -= taken;
  }
  return joinColumnRanges(ranges);
}

async function fill(
  source: RunSource,
  limits: ListLimits & { readonly allowFirst: boolean },
  budget: ReadBudget,
): Promise<ResponseProgress> {
  const { wanted, maxItems, maxBytes, hardMaxBytes, width, allowFirst } = limits;
  const progress = new ResponseProgress({
    maxItems: Math.min(wanted, maxItems),
    maxBytes: Math.min(maxBytes, hardMaxBytes) - ANSWER_OVERHEAD_BYTES,
    allowFirst,
  }, budget);
  for (const run of source.read) takeItems(run, width, progress);
  // One run is read whatever the budget: no answer is empty.
  while (source.read.length === 0 || !progress.isComplete()) {
    const run = await source.next();
    if (run === undefined) break;
    takeItems(run, width, progress);
  }
  return progress;
}

/** Takes items as long as they fit. */
function takeItems(run: ColumnRun, width: number, progress: ResponseProgress): void {
  const count = run[0]?.count ?? 0;
  for (let i = 0; i < count; i++) if (!progress.take(itemBytes(run, width, i))) return;
}

/** Bytes that item `index` of a run takes in an answer, in all its columns together. */
function itemBytes(run: ColumnRun, width: number, index: number): number {
  let bytes = 0;
  for (let column = 0; column < width; column++) {
    const { offsets } = run[column] as Column;
    bytes += (offsets[index + 1] as number) - (offsets[index] as number) + OFFSET_BYTES;
  }
  return bytes;
}

function assertFirstItem({ read: [run] }: RunSource, { first, hardMaxBytes, width }: ListLimits): void {
  if (run === undefined) throw new SyncError("INTERNAL", `Cannot answer with item ${first}: the store gave nothing`);
  const value = itemBytes(run, width, 0) + ANSWER_OVERHEAD_BYTES;
  if (value <= hardMaxBytes) return;
  throw new SyncError(
    "TOO_LARGE",
    `Cannot answer with item ${first}: at most ${hardMaxBytes} bytes, current value is ${value}`,
    { detail: { limit: hardMaxBytes, value } },
  );
}
