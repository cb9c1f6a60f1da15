/**
 * The command line as a user runs it: processes of their own.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url).href);
const NODE_ENTRY = ["node", "--disable-warning=ExperimentalWarning", "adapters/node/velor-sync.ts"];
/** What the task in deno.json ends up running, so that a signal reaches the program and nothing outlives it. */
const DENO_ENTRY = denoTask("velor-sync");

/** Node strips the types of every file at every start; kept, a process starts in half the time. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "velor-sync-compile-cache") };

function denoTask(name: string): string[] {
  const { tasks } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
  const [, command] = (tasks[name] as string).split("&& env ");
  return (command as string).split(" ");
}

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
  const child = spawn(program as string, [...entry, ...args], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
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

/** A server that is running. */
export interface RunningServer extends Running {
  readonly url: string;
  /** Where the metrics are, if it was told to have some. */
  readonly metricsUrl?: string;
}

/** Starts `serve` on a free port; resolves with its URL once it accepts connections. */
export function startServe(args: readonly string[], runtime: "node" | "deno" = "node"): Promise<RunningServer> {
  return startServing(["serve", "--listen", "127.0.0.1:0", ...args], runtime);
}

/** Starts a command that serves, such as `devnet run`; resolves once it accepts connections. */
export async function startServing(
  args: readonly string[],
  runtime: "node" | "deno" = "node",
): Promise<RunningServer> {
  const running = startVelorSync(args, runtime);
  return await new Promise((resolve, reject) => {
    let text = "";
    running.process.stderr?.on("data", (chunk: Uint8Array) => {
      text += chunk.toString();
      const [, url, metricsUrl] = /serving url=(\S+)(?: metrics=(\S+))? .*\n/.exec(text) ?? [];
      if (url !== undefined) resolve({ ...running, url, ...(metricsUrl === undefined ? {} : { metricsUrl }) });
    });
    running.process.once("close", () => reject(new Error(`${args.join(" ")} ended: ${text}`)));
  });
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
  return endOf(spawn(program as string, entry, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] }));
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
