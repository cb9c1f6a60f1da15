/**
 * Surface `large`: the web application over a ledger of large items, with the limits of production: where 4 MiB of a GET, a
 * client's own limit and the server's cut answers.
 *
 * @module
 */
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { createLedger } from "../../../core/ledger/open-ledger.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "../../../core/storage-service/config.ts";
import { commitBlock, ledgerContext } from "../../helpers/ledger-checks.ts";
import { createSyntheticLedger } from "../../helpers/synthetic-ledger.ts";
import type { Surface } from "../fuzzer.ts";
import { type FuzzedServer, serveFuzzed } from "../fuzzed-server.ts";
import { getMaker, type InputMaker, postMaker } from "../http-grammar.ts";
import { appSurface } from "./app.ts";
import { frameGenerator } from "./server.ts";

/** What is cut at 4 MiB is still larger than some items. */
const CONFIG: StorageServiceConfig = {
  ...DEFAULT_STORAGE_SERVICE_CONFIG,
  maxNetworkChunkBytesV2: 8 * 1024 * 1024,
  maxLruCacheBytes: 64 * 1024 * 1024,
  maxOptimisticFetchPeriodMs: 100,
  maxSubscriptionPeriodMs: 150,
};

/** Blocks of four transactions: by the bytes of the values that they write. One value is above 4 MiB, one above the server's limit. */
const BLOCKS = [100_000, 300_000, 60_000, 5_000_000, 100, 250_000, 9_000_000, 200_000, 30_000];

/** Waiting is not what is looked for here. */
const WAITING_PERCENT = 10;

/** Opens it. */
export async function openLargeSurface(): Promise<Surface> {
  const fuzzed = await createLargeServer();
  const get = getMaker(fuzzed.facts, WAITING_PERCENT);
  const post = postMaker(frameGenerator(fuzzed.facts, WAITING_PERCENT));
  const generate: InputMaker = (random, pool) => (random.chance(60) ? get : post)(random, pool);
  return appSurface(fuzzed, { name: "large", generate, compression: true });
}

async function createLargeServer(): Promise<FuzzedServer> {
  const context = ledgerContext();
  const reference = createSyntheticLedger(context, 5);
  const genesis = reference.next({ count: 1 });
  const ledger = await createLedger(createMemoryKv(), { context, waypoint: reference.waypoint() });
  await commitBlock(ledger, reference, genesis);
  for (const [i, valueBytes] of BLOCKS.entries()) {
    const count = valueBytes > 1_000_000 ? 1 : 4;
    await commitBlock(ledger, reference, reference.next({ count, writes: 1, valueBytes, endsEpoch: i % 3 === 2 }));
  }
  return await serveFuzzed({ reader: ledger, context, config: CONFIG });
}
