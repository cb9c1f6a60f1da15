/**
 * Writes `ed25519-edge-cases.json`: `node test/vectors/generate-ed25519.ts`.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { makeEd25519EdgeCases } from "./ed25519-cases.ts";

const path = new URL("ed25519-edge-cases.json", import.meta.url);
writeFileSync(path, `${JSON.stringify(makeEd25519EdgeCases(), undefined, 2)}\n`);
