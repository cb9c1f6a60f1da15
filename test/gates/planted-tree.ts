/**
 * A copy of the repository's settings in a temporary folder, with files of the test's choice in place of the source: where
 * gates are seen to fail.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { binary } from "./binary.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** All that the gates read besides source: what is planted if the test does not say otherwise. */
export const SETTINGS: readonly string[] = [
  ".biome.json",
  "deno.json",
  "package.json",
  "README.md",
  "LICENSE",
  "core/tsconfig.json",
  "core/web-globals.d.ts",
  "adapters/tsconfig.json",
  "test/tsconfig.json",
  "test/tsconfig.base.json",
  "test/knip.json",
  "test/vitest.config.ts",
  "test/run.ts",
  "test/tally.ts",
  "test/gates",
  "test/helpers/real-data-source.ts",
];

/** Far above what any tool needs for a handful of files. */
const TOOL_TIMEOUT_MS = 50_000;

/** A planted tree. */
export interface PlantedTree {
  /** Its absolute path. */
  readonly root: string;
  /**
   * Runs a tool of the checkout in it.
   *
   * @param env Added to the environment.
   */
  run(
    tool: string,
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ): { readonly code: number; readonly output: string };
}

/** Plants files (path → content) over copies of the settings. */
export type Planter = (files: Readonly<Record<string, string>>, settings?: readonly string[]) => PlantedTree;

/** A planter whose trees are removed when the tests of the calling file are done. */
export function createPlanter(): Planter {
  if (process.env["VELOR_PLANTED"] !== undefined) throw new Error("Cannot plant a tree: this is one already");
  const trees: PlantedTree[] = [];
  afterAll(() => {
    for (const { root } of trees) rmSync(root, { recursive: true, force: true });
  });
  return (files, settings = SETTINGS) => {
    const tree = plantTree(files, settings);
    trees.push(tree);
    return tree;
  };
}

function plantTree(files: Readonly<Record<string, string>>, settings: readonly string[]): PlantedTree {
  const root = mkdtempSync(join(realpathSync(tmpdir()), "velor-planted-"));
  // Never the tests of the gates themselves: a planted tree must not plant trees.
  const filter = (path: string) => !/gates[\\/][^\\/]*\.test\.ts$/.test(path);
  for (const path of settings) cpSync(join(checkout, path), join(root, path), { recursive: true, filter });
  symlinkSync(join(checkout, "node_modules"), join(root, "node_modules"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return {
    root,
    run(tool, args, env = {}) {
      const { status, stdout, stderr } = spawnSync(binary(tool), args, {
        cwd: root,
        env: { ...process.env, NO_COLOR: "1", VELOR_PLANTED: "1", ...env },
        encoding: "utf8",
        timeout: TOOL_TIMEOUT_MS,
        maxBuffer: 1 << 26,
      });
      return { code: status ?? 1, output: stdout + stderr };
    },
  };
}

/** The lines of a tool's output that speak of one file. */
export function linesAbout(output: string, file: string): string[] {
  return output.split("\n").filter((line) => line.includes(file));
}
