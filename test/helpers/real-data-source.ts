/**
 * The Node side of {@link file://./real-data.ts}: finds the folder that `VELOR_TEST_DATA` names and serves its files to
 * tests in any runtime as virtual modules, one a file, made only when a test asks for it.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** What tests are told about the real data without asking for any of it. */
export interface ProvidedRealData {
  /** Names of the files, relative to the folder, with `/`; empty when there are none. */
  readonly names: readonly string[];
  /** Why there are none; absent when there are some. */
  readonly reason?: string;
  /** With `CI=true` the real data must be there. */
  readonly required: boolean;
}

const PREFIX = "/@velor-real-data/";
const SUFFIX = ".js";

/** A vite plugin, as far as this one is one. */
export interface RealDataPlugin {
  readonly name: string;
  resolveId(id: string): string | undefined;
  load(id: string): string | undefined;
}

/** Reads the environment once; throws nothing when the folder is missing. */
export function realDataSource(env: Readonly<Record<string, string | undefined>>): {
  readonly provided: ProvidedRealData;
  plugin(): RealDataPlugin;
} {
  const folder = env["VELOR_TEST_DATA"];
  const required = env["CI"] === "true";
  const provided = describeFolder(folder, required);
  const plugin = (): RealDataPlugin => ({
    name: "velor-real-data",
    // The suffix: lest the runner take genesis/vectors.json for a JSON module.
    resolveId: (id) => id.startsWith(PREFIX) && id.endsWith(SUFFIX) ? `\0${id}` : undefined,
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const name = id.slice(PREFIX.length + 1, -SUFFIX.length);
      if (folder === undefined || !provided.names.includes(name)) throw new Error(`No real data file is named ${name}`);
      return `export default ${JSON.stringify(readFileSync(join(folder, name)).toString("base64"))};`;
    },
  });
  return { provided, plugin };
}

function describeFolder(folder: string | undefined, required: boolean): ProvidedRealData {
  if (folder === undefined) return { names: [], reason: "VELOR_TEST_DATA is not set", required };
  if (!existsSync(folder)) return { names: [], reason: `VELOR_TEST_DATA names no folder: ${folder}`, required };
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  if (names.length === 0) return { names, reason: `VELOR_TEST_DATA names an empty folder: ${folder}`, required };
  return { names, required };
}
