/**
 * The gates of `npm test`: one command each. A check counts as one test; a run of vitest counts the tests it ran.
 *
 * @module
 */

import { denoFiles, documentedFiles, exampleFiles, presentZones, tsconfigs } from "./source-files.ts";

/** One command that must end with exit code 0. */
export interface Gate {
  /** `<group>:<what>`, such as `types:core`; a prefix selects on the command line. */
  readonly name: string;
  /** Program in `node_modules/.bin`, then its arguments. */
  readonly command: readonly string[];
  /** A run of vitest: its tests are counted from its JSON report. */
  readonly isVitest?: boolean;
}

const VITEST_CONFIG = ["--config", "test/vitest.config.ts"];

/** All gates over the tree at `root`, in the order in which they run: the quick ones first. */
export function gatesOf(root: string): Gate[] {
  return [...checks(root), ...suites()];
}

function checks(root: string): Gate[] {
  return [
    { name: "format", command: ["deno", "fmt", "--check", "--quiet", ...presentZones(root)] },
    { name: "lint", command: ["biome", "lint", "--error-on-warnings", "--max-diagnostics=50"] },
    ...tsconfigs(root).map((file) => {
      const zone = file.slice(0, file.lastIndexOf("/"));
      return { name: `types:${zone}`, command: ["tsc", "-p", zone] };
    }),
    { name: "types:deno", command: ["deno", "check", "--quiet", ...denoFiles(root)] },
    { name: "unused", command: ["knip", "--config", "test/knip.json", "--no-progress", "--no-config-hints"] },
    { name: "docs:exports", command: ["node", "test/gates/docs.ts", ...documentedFiles(root)] },
    {
      name: "docs:examples",
      command: ["deno", "test", "--doc", "--quiet", "--no-prompt", "--permit-no-files", "-A", ...exampleFiles(root)],
    },
  ];
}

function suites(): Gate[] {
  const project = (name: string): Gate => ({
    name: `test:${name}`,
    command: ["vitest", "run", ...VITEST_CONFIG, "--project", name],
    isVitest: true,
  });
  const deno = ["deno", "run", "-A", "node_modules/vitest/vitest.mjs", "run", "--pool", "forks", ...VITEST_CONFIG];
  return [project("node"), project("browser"), project("workerd"), {
    name: "test:deno",
    command: deno,
    isVitest: true,
  }];
}
