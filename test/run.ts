/**
 * The test command: runs every gate, shows the output of those that fail, and closes with the tally.
 *
 * `node test/run.ts` runs all; `node test/run.ts types lint test:deno` those whose names begin so.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Gate, gatesOf } from "./gates/gates.ts";
import { sumOfTallies, type Tally, tallyLine, tallyOfCheck, tallyOfVitest } from "./tally.ts";

/** A gate that takes longer hangs: the slowest takes a quarter of it on two busy cores. */
const GATE_TIMEOUT_MS = 30 * 60_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "velor-test-"));

const env: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`,
  // Some tools write to HOME, and a build machine may have none.
  HOME: process.env["HOME"] || scratch,
  DENO_NO_UPDATE_CHECK: "1",
  WRANGLER_SEND_METRICS: "false",
};

async function runGate(gate: Gate): Promise<Tally> {
  const startedAt = performance.now();
  const report = join(scratch, `${gate.name.replaceAll(/[:/]/g, "-")}.json`);
  const extra = gate.isVitest ? ["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`] : [];
  const { code, output } = await run([...gate.command, ...extra]);
  const tally = gate.isVitest
    ? tallyOfVitest(code, existsSync(report) ? readFileSync(report, "utf8") : undefined)
    : tallyOfCheck(code);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${tally.failed === 0 ? "ok    " : "FAILED"} ${gate.name} (${describe(tally)}, ${seconds} s)`);
  if (tally.failed > 0) console.log(output);
  return tally;
}

function describe({ passed, failed, skipped }: Tally): string {
  return [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`]
    .filter(Boolean)
    .join(", ");
}

/** Runs a program in a process group of its own, so that nothing it started outlives it. */
function run([program, ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    const child = spawn(program as string, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const killGroup = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    };
    const interrupt = () => {
      killGroup();
      process.exit(130);
    };
    const timer = setTimeout(() => {
      chunks.push(Buffer.from(`\nkilled: longer than ${GATE_TIMEOUT_MS / 60_000} minutes\n`));
      killGroup();
    }, GATE_TIMEOUT_MS);
    process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
    const end = (code: number) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
      resolve({ code, output: Buffer.concat(chunks).toString() });
    };
    child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    child.on("error", (error) => {
      chunks.push(Buffer.from(String(error)));
      end(1);
    });
    child.on("close", (code) => end(code ?? 1));
  });
}

const wanted = process.argv.slice(2);
const gates = gatesOf(root).filter(({ name }) =>
  wanted.length === 0 || wanted.some((prefix) => name === prefix || name.startsWith(`${prefix}:`))
);
if (gates.length === 0) {
  console.error(`No gate is named ${wanted.join(", ")}: there are ${gatesOf(root).map(({ name }) => name).join(", ")}`);
  process.exit(2);
}

const tallies: Tally[] = [];
for (const gate of gates) tallies.push(await runGate(gate));
rmSync(scratch, { recursive: true, force: true });

const total = sumOfTallies(tallies);
if (total.skipped > 0) {
  const reasons = process.env["VELOR_TEST_DATA"] ? "" : " (VELOR_TEST_DATA is not set: the suites on real chain data)";
  console.log(`${total.skipped} skipped${reasons}`);
}
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(tallyLine(total));
