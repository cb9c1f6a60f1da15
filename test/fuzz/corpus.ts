/**
 * The corpus: small files of inputs worth keeping, one folder a surface. Replayed before anything new is made, and what new
 * inputs are made from.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("corpus", import.meta.url));

/** Longer ones say no more, and make the repository heavy. */
const MAX_KEPT_BYTES = 4_096;

/** The kept inputs of one surface. */
export interface Corpus {
  /** All of them, in the order of their names. */
  read(): Uint8Array[];
  /**
   * Keeps an input, unless it is long and `always` is not set.
   *
   * @param why What becomes of it, in a few words: part of its name.
   * @returns Its file, or `undefined` if it was not kept.
   */
  keep(input: Uint8Array, why: string, always?: boolean): string | undefined;
}

/** The corpus of one surface, in the repository or in a folder of the caller's. */
export function openCorpus(surface: string, extension: string, folder: string = FOLDER): Corpus {
  const home = join(folder, surface);
  return {
    read() {
      if (!existsSync(home)) return [];
      return readdirSync(home).sort().map((name) => new Uint8Array(readFileSync(join(home, name))));
    },
    keep(input, why, always = false) {
      if (input.length > MAX_KEPT_BYTES && !always) return undefined;
      const hash = createHash("sha256").update(input).digest("hex").slice(0, 8);
      const slug = why.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 60).replaceAll(/^-|-$/g, "");
      const path = join(home, `${slug}-${hash}.${extension}`);
      mkdirSync(home, { recursive: true });
      writeFileSync(path, input);
      return path;
    },
  };
}
