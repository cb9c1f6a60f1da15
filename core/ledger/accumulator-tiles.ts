/**
 * The accumulator's full subtrees in tiles: what proofs over committed versions are made of.
 *
 * A tile holds eight levels of 256 neighbouring subtrees of its bottom level, in the order in which they become full
 * (post-order), so growing a tile appends to it: at most 510 hashes. A proof over 2³⁰ versions reads 4 tiles where
 * one tile a level would take 30, and a commit at the head of a chain rewrites one tile instead of one a level.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import type { SubtreeRun } from "../merkle/accumulator.ts";
import type { SubtreePosition } from "../merkle/accumulator-consistency.ts";
import type { SubtreeReader } from "../merkle/accumulator-prover.ts";
import { countOnes32 } from "../merkle/count-ones.ts";
import { hashAt } from "../merkle/node-hash.ts";
import type { KvOperation, OrderedKv } from "../ports/ordered-kv.ts";
import type { LedgerKeys } from "./keys.ts";

/** Levels of a tile. */
const TILE_LEVELS = 8;
/** Subtrees of the bottom level in a full tile. */
const TILE_WIDTH = 256;
const TILE_SPAN = 256n;
/** Subtrees in a full tile: 256 + 128 + … + 2. Its root belongs to the tile above. */
const TILE_HASHES = 2 * TILE_WIDTH - 2;

/** Where a subtree's hash is. */
interface TilePlace {
  /** Level of tiles, from 0 at the leaves. */
  readonly row: number;
  /** Tile within the row. */
  readonly tile: bigint;
  /** Place within the tile, in hashes. */
  readonly place: number;
}

/** Reads full subtrees out of the tiles. All tiles that a proof needs are read at once. */
export function createTileReader(kv: OrderedKv, keys: LedgerKeys): SubtreeReader {
  return {
    async readSubtrees(positions) {
      const places = positions.map(placeOf);
      const wanted = new Map(places.map(({ row, tile }) => [tileName(row, tile), keys.tile(row, tile)]));
      const values = await kv.getMany([...wanted.values()]);
      const tiles = new Map([...wanted.keys()].map((name, i) => [name, values[i]]));
      const hashes = new Uint8Array(positions.length * HASH_BYTES);
      places.forEach(({ row, tile, place }, i) => {
        const bytes = tiles.get(tileName(row, tile));
        if (bytes === undefined || bytes.length < (place + 1) * HASH_BYTES) {
          throw new SyncError("STORAGE_CORRUPT", `Cannot read accumulator: tile ${row}/${tile} lacks hash ${place}`);
        }
        hashes.set(hashAt(bytes, place), i * HASH_BYTES);
      });
      return hashes;
    },
  };
}

/**
 * The operations that add new full subtrees to the tiles. Reads the tiles that they continue.
 *
 * @param runs New full subtrees, one run per level from the leaves up, each continuing what is stored.
 */
export async function growTiles(
  kv: OrderedKv,
  keys: LedgerKeys,
  runs: readonly SubtreeRun[],
): Promise<KvOperation[]> {
  const operations: { put: Uint8Array; value: Uint8Array }[] = [];
  for (let row = 0; row * TILE_LEVELS < runs.length; row++) {
    const levels = runs.slice(row * TILE_LEVELS, (row + 1) * TILE_LEVELS);
    const [bottom] = levels as [SubtreeRun, ...SubtreeRun[]];
    const next = bottom.firstIndex + BigInt(bottom.hashes.length / HASH_BYTES);
    for (let tile = bottom.firstIndex / TILE_SPAN; tile * TILE_SPAN < next; tile++) {
      const filled = next - tile * TILE_SPAN;
      const key = keys.tile(row, tile);
      const value = new Uint8Array(hashesIn(filled < TILE_SPAN ? Number(filled) : TILE_WIDTH) * HASH_BYTES);
      if (tile * TILE_SPAN < bottom.firstIndex) {
        value.set(await requireTile(kv, key, bottom.firstIndex - tile * TILE_SPAN));
      }
      for (const [height, run] of levels.entries()) fillLevel(value, run, { tile, height });
      operations.push({ put: key, value });
    }
  }
  return operations;
}

/** The tile at `key`, which must have `filled` subtrees of its bottom level and all above them. */
async function requireTile(kv: OrderedKv, key: Uint8Array, filled: bigint): Promise<Uint8Array> {
  const value = await kv.get(key);
  if (value?.length === hashesIn(Number(filled)) * HASH_BYTES) return value;
  throw new SyncError(
    "STORAGE_CORRUPT",
    `Cannot grow accumulator: a tile with ${filled} subtrees is missing or broken`,
  );
}

/** Copies what a run has of one level of a tile. */
function fillLevel(
  bytes: Uint8Array,
  run: SubtreeRun,
  where: { readonly tile: bigint; readonly height: number },
): void {
  const width = TILE_WIDTH >> where.height;
  const skipped = Number(run.firstIndex - where.tile * BigInt(width));
  const count = run.hashes.length / HASH_BYTES;
  for (let i = Math.max(0, skipped); i < Math.min(width, skipped + count); i++) {
    bytes.set(hashAt(run.hashes, i - skipped), placeIn(i, where.height) * HASH_BYTES);
  }
}

/** Number of full subtrees over `width` neighbours of a tile's bottom level. */
function hashesIn(width: number): number {
  return Math.min(2 * width - countOnes32(width), TILE_HASHES);
}

function placeOf({ level, index }: SubtreePosition): TilePlace {
  const row = Math.floor(level / TILE_LEVELS);
  const height = level % TILE_LEVELS;
  const shift = BigInt(TILE_LEVELS - height);
  const within = Number(index & ((1n << shift) - 1n));
  return { row, tile: index >> shift, place: placeIn(within, height) };
}

/**
 * Place of subtree `within` of one level of a tile. In post-order a subtree comes after all below it: it is full when the
 * last of its bottom neighbours is there.
 */
function placeIn(within: number, height: number): number {
  const last = (within + 1) * 2 ** height - 1;
  return 2 * last - countOnes32(last) + height;
}

function tileName(row: number, tile: bigint): string {
  return `${row}/${tile}`;
}
