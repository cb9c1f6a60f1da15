/**
 * The Worker: a front in every data centre, and the one Durable Object that holds the ledger. Wakes the object on schedule.
 *
 * @module
 */
import { type AnalyticsMetrics, createAnalyticsMetrics } from "../adapters/cloudflare/analytics-metrics.ts";
import { createConsoleLog } from "../adapters/cloudflare/console-log.ts";
import { createR2Answers, type R2Answers } from "../adapters/cloudflare/r2-answers.ts";
import { createNobleHasher } from "../core/chain/noble-hasher.ts";
import { isSyncError } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import { type Metrics, NO_METRICS } from "../core/ports/metrics.ts";
import { parseWaypoint } from "../core/trust/waypoint.ts";
import type { Env } from "./env.ts";
import { answerAtEdge } from "./front.ts";

export { SyncObject } from "./sync-object.ts";

/** Name of the object. One ledger, one object. */
const OBJECT_NAME = "ledger";
const NO_SEED = new Uint8Array(0);

/** What the requests of one isolate share. */
interface IsolateParts {
  readonly objectId: DurableObjectId;
  readonly metrics: AnalyticsMetrics | undefined;
  readonly answers: R2Answers | undefined;
}

const LOG: Log = createConsoleLog();
const PARTS = new WeakMap<Env, IsolateParts>();

/** What the platform calls. */
const worker: ExportedHandler<Env> = {
  fetch: async (request, env, ctx) => {
    const { answers, metrics, objectId } = partsOf(env);
    const answer = await answerAtEdge(request, {
      cache: caches.default,
      // A new stub each time: one that has failed once fails for ever.
      askObject: (forwarded) => env.SYNC.get(objectId).fetch(forwarded),
      metrics: metrics ?? NO_METRICS,
      log: LOG,
      waitUntil: (work) => ctx.waitUntil(work),
      ...(answers === undefined ? {} : { answers }),
    });
    metrics?.flush();
    return answer;
  },
  /** An object that was never asked, or lost its alarm, begins (again) to sync. */
  scheduled: async (_, env) => {
    const response = await env.SYNC.get(partsOf(env).objectId).fetch("https://object.invalid/healthz");
    await response.body?.cancel();
  },
};

function partsOf(env: Env): IsolateParts {
  const known = PARTS.get(env);
  if (known !== undefined) return known;
  const metrics = env.METRICS === undefined ? undefined : createAnalyticsMetrics(env.METRICS, Date.now);
  const parts = {
    objectId: env.SYNC.idFromName(OBJECT_NAME),
    metrics,
    answers: openAnswers(env, metrics ?? NO_METRICS),
  };
  PARTS.set(env, parts);
  return parts;
}

/** Copies are named after the waypoint that the operator trusts. Without one there is no ledger, and the object says so. */
function openAnswers({ ANSWERS: bucket, WAYPOINT }: Env, metrics: Metrics): R2Answers | undefined {
  if (bucket === undefined) return undefined;
  try {
    const hasher = createNobleHasher();
    const sha3 = (bytes: Uint8Array) => hasher.hash(NO_SEED, bytes);
    return createR2Answers({ bucket, chain: parseWaypoint(WAYPOINT).value, sha3, log: LOG, metrics });
  } catch (error) {
    if (isSyncError(error, "INVALID_ARGUMENT")) return undefined;
    throw error;
  }
}

export default worker;
