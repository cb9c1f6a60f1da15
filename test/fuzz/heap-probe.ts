/**
 * Loaded before a program that is fuzzed: answers every message of the parent process with the bytes in use.
 *
 * @module
 */
import { heapBytes } from "./memory.ts";

process.on("message", async () => process.send?.(await heapBytes()));
// It must not keep the program alive.
process.channel?.unref();
