/**
 * Writes the exports that the source has into package.json and deno.json: `npm run set-exports` after adding a `mod.ts`.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtFiles, entriesOfSource, readJson } from "./exports.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const entries = entriesOfSource(root);
const built = Object.entries(entries).map(([name, file]) => [name, builtFiles(file)]);

function update(name: string, exports: unknown): void {
  const content = { ...readJson<object>(root, name), exports };
  writeFileSync(join(root, name), `${JSON.stringify(content, null, 2)}\n`);
}

update("deno.json", entries);
update("package.json", { ...Object.fromEntries(built), "./package.json": "./package.json" });
