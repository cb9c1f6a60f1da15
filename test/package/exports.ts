/**
 * What the package exports, and whether package.json (npm), deno.json (JSR) and the source agree about it.
 *
 * @module
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where entry modules are: every `mod.ts` at one of these places is an entry of the package. */
const ENTRY_GLOBS = ["core/mod.ts", "core/{light-client,storage-service,driver}/mod.ts", "adapters/*/mod.ts"];

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

interface DenoJson {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports?: Readonly<Record<string, string>>;
}

/** Reads one JSON file of the checkout. */
export function readJson<T>(root: string, name: string): T {
  return JSON.parse(readFileSync(join(root, name), "utf8"));
}

/** package.json of the checkout. */
export function readPackageJson(root: string): PackageJson {
  return readJson(root, "package.json");
}

/**
 * The entries that the source has: name under which it is exported → file, such as `./light-client` →
 * `./core/light-client/mod.ts`.
 */
export function entriesOfSource(root: string): Record<string, string> {
  return Object.fromEntries(
    globSync(ENTRY_GLOBS, { cwd: root })
      .map((path) => {
        const file = path.replaceAll("\\", "/");
        const folder = file.slice(0, -"mod.ts".length).replace(/^core\//, "").replace(/\/$/, "");
        return [folder === "" ? "." : `./${folder}`, `./${file}`] as const;
      })
      .sort(([left], [right]) => left < right ? -1 : 1),
  );
}

/** Every disagreement between package.json, deno.json and the source, as sentences. */
export function exportViolations(root: string): string[] {
  const npm = readPackageJson(root);
  const jsr = readJson<DenoJson>(root, "deno.json");
  const entries = entriesOfSource(root);
  return [
    ...(["name", "version", "license"] as const)
      .filter((key) => npm[key] !== jsr[key])
      .map((key) => `${key} is ${npm[key]} in package.json, ${jsr[key]} in deno.json`),
    ...differences("deno.json", jsr.exports ?? {}, entries),
    ...differences("package.json", npm.exports ?? {}, {
      ...Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, builtFiles(file)])),
      "./package.json": "./package.json",
    }),
    ...Object.values(npm.bin ?? {})
      .map((file) => file.replace(/^\.?\/?dist\//, "").replace(/\.js$/, ".ts"))
      .filter((file) => !existsSync(join(root, file)))
      .map((file) => `bin of package.json needs ${file}, which is not there`),
  ];
}

/** What `tsc` makes of one source file. */
export function builtFiles(source: string): { types: string; default: string } {
  const built = source.replace("./", "./dist/").replace(/\.ts$/, "");
  return { types: `${built}.d.ts`, default: `${built}.js` };
}

function differences(
  where: string,
  actual: Readonly<Record<string, unknown>>,
  wanted: Record<string, unknown>,
): string[] {
  return [...new Set([...Object.keys(actual), ...Object.keys(wanted)])].flatMap((name) => {
    const [is, should] = [JSON.stringify(actual[name]), JSON.stringify(wanted[name])];
    return is === should ? [] : [`exports of ${where}: ${name} is ${is}, the source says ${should}`];
  });
}
