/**
 * Builds the npm package: `tsc` over each zone that is published, into `dist`. Runs before `npm pack`.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { binary } from "../gates/binary.ts";
import { tsconfigs } from "../gates/source-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
rmSync(join(root, "dist"), { recursive: true, force: true });

for (const file of tsconfigs(root).filter((path) => path.startsWith("core/") || path.startsWith("adapters/"))) {
  const zone = file.slice(0, -"/tsconfig.json".length);
  const args = ["-p", zone, "--noEmit", "false", "--outDir", "dist", "--rootDir", "."];
  const { status } = spawnSync(binary("tsc"), args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
