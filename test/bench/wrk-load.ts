/**
 * HTTP load by `wrk`, which must be installed: several paths in turn over many connections.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Asks for each path in turn; prints what the caller wants to know as the last line. */
const SCRIPT = `
local paths = {}
for line in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = line end
local next = 0
request = function()
  next = next % #paths + 1
  return wrk.format("GET", paths[next])
end
done = function(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("\\n%d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(99), errors.status, broken))
end
`;

/** What a load came to. */
export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** Answers of status 400 and above. */
  readonly refused: number;
  /** Connections that failed, and answers that did not come in time. */
  readonly broken: number;
}

/** Runs `wrk` for whole seconds. */
export async function runLoad(
  url: string,
  options: { readonly paths: readonly string[]; readonly connections: number; readonly seconds: number },
): Promise<LoadResult> {
  const directory = mkdtempSync(join(tmpdir(), "velor-wrk-"));
  try {
    const script = join(directory, "paths.lua");
    const list = join(directory, "paths");
    writeFileSync(script, SCRIPT);
    writeFileSync(list, options.paths.join("\n"));
    const args = ["-t1", `-c${options.connections}`, `-d${options.seconds}s`, "--timeout", "30s", "-s", script, url];
    const { stdout } = await promisify(execFile)("wrk", args, { env: { ...process.env, BENCH_PATHS: list } });
    const [requests = 0, durationUs = 1, p99Us = 0, refused = 0, broken = 0] = (stdout.trim().split("\n").at(-1) ?? "")
      .split(" ").map(Number);
    return { requests, requestsPerSecond: requests / durationUs * 1e6, p99Ms: p99Us / 1_000, refused, broken };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
