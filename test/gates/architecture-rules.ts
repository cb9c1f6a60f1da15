/**
 * The rules of the architecture that no compiler or linter keeps. Each returns the violations it found, as sentences.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { layerOf, mayImport } from "./core-order.ts";
import type { ModuleGraph } from "./module-graph.ts";
import { sourceFiles, ZONES } from "./source-files.ts";

/** A file longer than this holds more than one concept. */
const MAX_FILE_LINES = 400;

/** The only packages that core may import; everything else enters through ports. */
const CORE_PACKAGES = /^(@noble\/(hashes|curves|ed25519)|cbor-x\/(en|de)code)($|\/)/;

/** Where a value may be marked as verified: by the verifiers, and by the devnet, an authority of its own. */
const VERIFIERS = /^(core\/(trust|driver|light-client)\/|core\/ledger\/genesis-import|adapters\/devnet\/|test\/)/;

/** Visible names at the top of the repository; hidden ones and what is ignored by git are free. */
const TOP_LEVEL = [
  "README.md",
  "LICENSE",
  "deno.json",
  "package.json",
  "package-lock.json",
  "wrangler.toml",
  ...ZONES,
];
const UNTRACKED = ["node_modules", "dist"];

/** core ← adapters ← worker; test may import all. */
export function zoneViolations(graph: ModuleGraph): string[] {
  return edges(graph)
    .filter(([from, to]) => zoneRank(to) > zoneRank(from))
    .map(([from, to]) => `${from} imports ${to}: against core ← adapters ← worker ← test`);
}

function zoneRank(file: string): number {
  return (ZONES as readonly string[]).indexOf(file.split("/")[0] as string);
}

/** Core imports core and a closed list of packages. */
export function corePackageViolations(graph: ModuleGraph): string[] {
  return [...graph].filter(([file]) => file.startsWith("core/")).flatMap(([file, { others }]) =>
    others.filter((specifier) => !CORE_PACKAGES.test(specifier))
      .map((specifier) => `${file} imports ${specifier}: core imports cbor-x and the noble packages only`)
  );
}

/** The dependency order inside core, and that every core file has a place in it. */
export function coreOrderViolations(graph: ModuleGraph): string[] {
  const homeless = [...graph.keys()]
    .filter((file) => file.startsWith("core/") && layerOf(file) === undefined)
    .map((file) => `${file} is in no folder that the architecture names`);
  const disordered = edges(graph)
    .filter(([from, to]) => from.startsWith("core/") && to.startsWith("core/") && !mayImport(from, to))
    .map(([from, to]) => `${from} imports ${to}: ${layerOf(from)} may not import ${layerOf(to)}`);
  return [...homeless, ...disordered];
}

/** No file imports itself over any number of steps, types included. */
export function cycleViolations(graph: ModuleGraph): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push(`${[...path.slice(at), file].join(" → ")} is a cycle`);
    if (at >= 0 || done.has(file)) return;
    for (const next of graph.get(file)?.files ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

/** Only verifiers name `markVerified`, and nobody takes the module that exports it as a whole. */
export function verifiedMarkViolations(root: string): string[] {
  return sourceFiles(root).filter((file) => !VERIFIERS.test(file)).flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const named = /\bmarkVerified\b/.test(text) || /\*[^;]*from\s+"[^"]*\/verified\.ts"/.test(text) ||
      /import\(\s*"[^"]*\/verified\.ts"/.test(text);
    return named ? [`${file} uses markVerified: only verifiers may`] : [];
  });
}

/** No file is longer than the hard budget; the one of functions is the linter's. */
export function fileLengthViolations(root: string): string[] {
  return sourceFiles(root).flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n").length - 1;
    return lines > MAX_FILE_LINES ? [`${file} has ${lines} lines: at most ${MAX_FILE_LINES}`] : [];
  });
}

/** The visible top level is closed. */
export function topLevelViolations(root: string): string[] {
  return readdirSync(root)
    .filter((name) => !name.startsWith(".") && !TOP_LEVEL.includes(name) && !UNTRACKED.includes(name))
    .map((name) => `${name} is not a name of the top level`);
}

function edges(graph: ModuleGraph): [from: string, to: string][] {
  return [...graph].flatMap(([from, { files }]) => files.map((to): [string, string] => [from, to]));
}
