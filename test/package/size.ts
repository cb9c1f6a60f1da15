/**
 * How many bytes a page downloads for an entry of the package.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What to measure: everything that a module exports, except what a bundler may drop. */
export interface SizeQuery {
  /** The folder that `entry` is relative to. */
  readonly root: string;
  /** Path of the module, such as `core/light-client/mod.ts`. */
  readonly entry: string;
  /** Exports that the page does not use. */
  readonly without: readonly string[];
}

/** Size of the minified bundle after gzip, in KiB. */
export async function gzippedKib({ root, entry, without }: SizeQuery): Promise<number> {
  const all = await bundle(root, `export * from "./${entry}";`);
  const names = all.exports.filter((name) => !without.includes(name));
  const used = await bundle(root, `export { ${names.join(", ")} } from "./${entry}";`);
  return gzipSync(used.code, { level: 9 }).length / 1024;
}

async function bundle(root: string, contents: string): Promise<{ code: Uint8Array; exports: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, sourcefile: "size.ts" },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    outfile: "size.js",
    write: false,
  });
  const [file] = outputFiles;
  const [output] = Object.values(metafile.outputs);
  if (file === undefined || output === undefined) throw new Error("Cannot measure a bundle: esbuild made none");
  return { code: file.contents, exports: output.exports };
}
