/**
 * Writes the folder `merkle` anew: `node test/vectors/generate-merkle.ts`.
 *
 * @module
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { makeMerkleCases } from "./merkle-cases.ts";

const folder = new URL("merkle/", import.meta.url);
rmSync(folder, { recursive: true, force: true });
for (const { path, vector } of makeMerkleCases()) {
  const file = new URL(`${path}.json`, folder);
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(vector, undefined, 2)}\n`);
}
