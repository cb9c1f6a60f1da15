/**
 * `velor-sync serve` on Node, in a process of its own that says how much memory it has in use.
 *
 * The resident memory of a process says little: it holds garbage, and keeps what it once had. So the process itself collects
 * and counts, asked over Node's own channel between parent and child, which the server knows nothing of.
 *
 * @module
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(new URL("../../adapters/node/velor-sync.ts", import.meta.url));
const PROBE = new URL("heap-probe.ts", import.meta.url).href;

/** Small: a server that kept much for its requests would come to the end of it. */
const HEAP_MEGABYTES = 128;

/** A server that is running. */
export interface ProbedServe {
  /** Where it is, without a trailing slash. */
  readonly url: string;
  /** Bytes of its heap and of the buffers outside it that are in use, after a full collection. */
  heapBytes(): Promise<number>;
  /** Stops it as Ctrl-C does. */
  stop(): Promise<void>;
}

/** Starts `serve` on a free port; resolves once it accepts connections. */
export async function startProbedServe(args: readonly string[]): Promise<ProbedServe> {
  const child = fork(ENTRY, ["serve", "--listen", "127.0.0.1:0", ...args], {
    execArgv: ["--disable-warning=ExperimentalWarning", `--max-old-space-size=${HEAP_MEGABYTES}`, "--import", PROBE],
    // Node strips the types of every file at every start; kept, a process starts in half the time.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "velor-sync-compile-cache") },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const ended = once(child, "close");
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stderr?.on("data", (chunk: Uint8Array) => {
      text += chunk.toString();
      const [, found] = /serving url=(\S+) /.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("close", () => reject(new Error(`serve ended: ${text}`)));
  });
  return {
    url,
    async heapBytes() {
      child.send("heap");
      // A server that has ended gives no answer any more.
      const [bytes] = await Promise.race([once(child, "message"), ended.then(() => [Number.NaN])]);
      return bytes as number;
    },
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}
