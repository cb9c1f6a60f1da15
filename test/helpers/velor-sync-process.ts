/**
 * The command line as a user runs it: processes of their own.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const NODE_ENTRY = ["node", "--disable-warning=ExperimentalWarning", "adapters/node/velor-sync.ts"];
const DENO_ENTRY = ["deno", "task", "--quiet", "velor-sync"];

/** How a command ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `velor-sync`. */
export function startVelorSync(args: readonly string[], runtime: "node" | "deno" = "node"): Running {
  const [program, ...entry] = runtime === "node" ? NODE_ENTRY : DENO_ENTRY;
  const child = spawn(program as string, [...entry, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  return { process: child, ended: endOf(child) };
}

/** Runs `velor-sync` to its end. */
export function velorSync(args: readonly string[], runtime: "node" | "deno" = "node"): Promise<Ended> {
  return startVelorSync(args, runtime).ended;
}

/** Runs a command that must succeed and returns the JSON document that it printed. */
export async function velorSyncJson(
  args: readonly string[],
  runtime: "node" | "deno" = "node",
): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await velorSync([...args, "--json"], runtime);
  if (exitCode !== 0) throw new Error(`velor-sync ${args.join(" ")} ended with ${exitCode}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** Starts `serve` on a free port; resolves with its URL once it accepts connections. */
export async function startServe(args: readonly string[]): Promise<Running & { readonly url: string }> {
  const running = startVelorSync(["serve", "--listen", "127.0.0.1:0", ...args]);
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    running.process.stderr?.on("data", (chunk: Uint8Array) => {
      text += chunk.toString();
      const match = /url=(\S+)/.exec(text);
      if (match !== null) resolve(match[1] as string);
    });
    running.process.once("close", () => reject(new Error(`serve ended: ${text}`)));
  });
  return { ...running, url };
}

/** Stops a command as Ctrl-C does. */
export async function stop(running: Running): Promise<Ended> {
  running.process.kill("SIGINT");
  return await running.ended;
}

/** A folder of its own for a test file, and how to be rid of it. */
export function scratchFolder(): { readonly path: (name: string) => string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "velor-sync-test-"));
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs `npm start`'s program to its end. */
export function runStart(args: readonly string[]): Promise<Ended> {
  const [program, ...flags] = NODE_ENTRY.slice(0, -1);
  const entry = [...flags, "adapters/node/start.ts", ...args];
  return endOf(spawn(program as string, entry, { cwd: root, stdio: ["ignore", "pipe", "pipe"] }));
}

function endOf(child: ChildProcess): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  child.stdout?.on("data", (chunk: Uint8Array) => out.push(chunk.toString()));
  child.stderr?.on("data", (chunk: Uint8Array) => err.push(chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? -1, stdout: out.join(""), stderr: err.join("") }));
  });
}
