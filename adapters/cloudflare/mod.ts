/**
 * Cloudflare Workers: a ledger in the SQLite of a Durable Object, logs for the console.
 *
 * @module
 */
export { createConsoleLog } from "./console-log.ts";
export { openDurableObjectKv, type SqlObjectStorage, type SqlObjectValue } from "./durable-object-kv.ts";
