import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What a page downloads at most, gzipped, if it uses everything that the entry offers except what is left out. */
const BUDGETS = [
  {
    what: "light client with Ed25519",
    entry: "core/light-client/mod.ts",
    without: ["createNobleBls12381"],
    maxKib: 30,
  },
  { what: "light client with Ed25519 and BLS12-381", entry: "core/light-client/mod.ts", without: [], maxKib: 60 },
];

describe("code size", () => {
  it.each(BUDGETS)("$what is at most $maxKib KiB gzipped", async ({ entry, without, maxKib, what }) => {
    expect(existsSync(root + entry), entry).toBe(true);
    const names = await exportedNames(entry);
    expect(names).toEqual(expect.arrayContaining(without));
    const kib = await gzippedKib(entry, names.filter((name) => !(without as readonly string[]).includes(name)));
    console.log(`${what}: ${kib.toFixed(1)} KiB gzipped, budget ${maxKib}`);
    expect(kib).toBeLessThanOrEqual(maxKib);
    // Far below any possible size: the bundler did not drop the code that is measured.
    expect(kib).toBeGreaterThan(5);
  });
});

async function exportedNames(entry: string): Promise<string[]> {
  return Object.keys(await import(/* @vite-ignore */ `../${entry}`));
}

async function gzippedKib(entry: string, names: readonly string[]): Promise<number> {
  const contents = `export { ${names.join(", ")} } from "./${entry}";`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, sourcefile: "size.ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length / 1024;
}
