/**
 * The Worker: hands every request to the one Durable Object that holds the ledger, and wakes it on schedule.
 *
 * @module
 */
import type { Env } from "./env.ts";

export { SyncObject } from "./sync-object.ts";

/** Name of the object. One ledger, one object. */
const OBJECT_NAME = "ledger";

/** What the platform calls. */
const worker: ExportedHandler<Env> = {
  fetch: (request, env) => objectOf(env).fetch(request),
  /** An object that was never asked, or lost its alarm, begins (again) to sync. */
  scheduled: async (_, env) => {
    const response = await objectOf(env).fetch("https://object.invalid/healthz");
    await response.body?.cancel();
  },
};

function objectOf({ SYNC }: Env) {
  return SYNC.get(SYNC.idFromName(OBJECT_NAME));
}

export default worker;
