import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { gzippedKib } from "./package/size.ts";

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
    const kib = await gzippedKib({ root, entry, without });
    console.log(`${what}: ${kib.toFixed(1)} KiB gzipped, budget ${maxKib}`);
    expect(kib).toBeLessThanOrEqual(maxKib);
    // Far below any possible size: the bundler did not drop the code that is measured.
    expect(kib).toBeGreaterThan(5);
  });
});
