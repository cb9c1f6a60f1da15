/**
 * The package checks are seen to refuse what they must.
 *
 * @module
 */

import { describe, expect, it } from "vitest";
import { exportViolations } from "../package/exports.ts";
import { gzippedKib } from "../package/size.ts";
import { createPlanter } from "./planted-tree.ts";

const plant = createPlanter();

describe("package", () => {
  const settings = { name: "@velor/x", version: "1.0.0", license: "Apache-2.0" };
  const npm = {
    ...settings,
    dependencies: {},
    exports: {
      ".": { types: "./dist/core/mod.d.ts", default: "./dist/core/mod.js" },
      "./package.json": "./package.json",
    },
  };
  const jsr = { ...settings, exports: { ".": "./core/mod.ts" } };
  const violations = (npmJson: object, jsrJson: object, files: Readonly<Record<string, string>> = {}) => {
    const source = { "core/mod.ts": "export {};\n", ...files };
    const json = { "package.json": JSON.stringify(npmJson), "deno.json": JSON.stringify(jsrJson) };
    return exportViolations(plant({ ...source, ...json }).root);
  };

  it("lets exports through that agree", () => expect(violations(npm, jsr)).toEqual([]));

  it.each([
    ["an entry that deno.json lacks", npm, { ...settings, exports: {} }, {}],
    ["an entry that package.json lacks", { ...npm, exports: { "./package.json": "./package.json" } }, jsr, {}],
    ["another version", { ...npm, version: "1.0.1" }, jsr, {}],
    [
      "an entry that has no source",
      npm,
      { ...jsr, exports: { ...jsr.exports, "./driver": "./core/driver/mod.ts" } },
      {},
    ],
    ["a command that has no source", { ...npm, bin: { x: "./dist/adapters/cli/main.js" } }, jsr, {}],
  ])("refuses %s", (_, npmJson, jsrJson, files) => {
    expect(violations(npmJson, jsrJson, files)).toHaveLength(1);
  });

  it("refuses a new entry of the source that neither exports", () => {
    expect(violations(npm, jsr, { "adapters/memory/mod.ts": "export {};\n" })).toHaveLength(2);
  });

  it("refuses slow types", () => {
    const deno = JSON.stringify({ ...jsr, nodeModulesDir: "manual", lock: false });
    const publish = (content: string) =>
      plant({ "deno.json": deno, "core/mod.ts": content }).run("deno", ["publish", "--dry-run", "--allow-dirty"]).code;
    expect(publish("export const x = [1].map(String);\n")).not.toBe(0);
    expect(publish("export const x: string[] = [1].map(String);\n")).toBe(0);
  });
});

describe("code size", () => {
  it("grows with what an entry exports, and leaves out what a page does not use", async () => {
    const { root } = plant({
      "core/mod.ts": `export { small } from "./small.ts";\nexport { large } from "./large.ts";\n`,
      "core/small.ts": "export const small = 1;\n",
      "core/large.ts": `export const large = ${JSON.stringify(incompressible(40_000))};\n`,
    });
    expect(await gzippedKib({ root, entry: "core/mod.ts", without: [] })).toBeGreaterThan(20);
    expect(await gzippedKib({ root, entry: "core/mod.ts", without: ["large"] })).toBeLessThan(1);
  });
});

/** Text of a linear congruential generator: gzip finds nothing in it. */
function incompressible(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return String.fromCharCode(97 + (state >>> 28));
  }).join("");
}
