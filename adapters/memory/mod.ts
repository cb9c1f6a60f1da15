/**
 * Everything in memory: the reference implementation of the ports, for tests and experiments.
 *
 * @module
 */
export { createDirectTransport, type RequestListener } from "./direct-transport.ts";
export { createMemoryDisk, createMemoryKv, type MemoryDisk } from "./memory-kv.ts";
