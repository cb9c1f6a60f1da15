/**
 * The compilers, the formatter, the documentation checks and the search for unused code are seen to refuse what they must.
 *
 * @module
 */

import { beforeAll, describe, expect, it } from "vitest";
import { createPlanter, linesAbout } from "./planted-tree.ts";

const plant = createPlanter();

describe("types", () => {
  const sound =
    `import type { Clock } from "./clock.ts";\nexport const read = (clock: Clock): number => clock.nowMs();\n`;
  const clock = "export interface Clock {\n  nowMs(): number;\n}\n";
  const globals = {
    "core/uses-process.ts": "export const x: unknown = process.env;\n",
    "core/uses-deno.ts": "export const x: unknown = Deno.args;\n",
    "core/uses-fetch.ts": `export const x: unknown = fetch("/");\n`,
    "core/uses-buffer.ts": `export const x: unknown = Buffer.from("");\n`,
    "core/uses-timeout.ts": "export const x: unknown = setTimeout;\n",
    "core/uses-crypto.ts": "export const x: unknown = crypto.subtle;\n",
    "core/uses-console.ts": "export const x: unknown = console.log;\n",
    "core/uses-performance.ts": "export const x: unknown = performance.now();\n",
    "core/uses-node.ts": `import { readFileSync } from "node:fs";\nexport const x: unknown = readFileSync;\n`,
    "core/implicit-export-type.ts": "export const x = [1].map(String);\n",
    "core/enum.ts": "export enum Kind {\n  One,\n}\n",
    "core/parameter-property.ts": "export class Box {\n  constructor(readonly value: number) {}\n}\n",
    "core/inexact-optional.ts": "export const x: { readonly a?: number } = { a: undefined };\n",
    "core/unchecked-index.ts": "export const first = (list: readonly number[]): number => list[0];\n",
    "core/value-import-of-type.ts": `import { Clock } from "./clock.ts";\nexport type X = Clock;\n`,
    "adapters/node/uses-document.ts": "export const x: unknown = document.title;\n",
    "test/wrong.ts": `export const x: number = "1";\n`,
  };
  let output: Record<string, string>;
  beforeAll(() => {
    const tree = plant({
      ...globals,
      "core/clock.ts": clock,
      "core/sound.ts": sound,
      "adapters/node/sound.ts": "export {};\n",
    });
    output = Object.fromEntries(
      ["core", "adapters", "test"].map((zone) => [zone, tree.run("tsc", ["-p", zone, "--pretty", "false"]).output]),
    );
  });

  it.each(Object.keys(globals))("refuses %s", (file) => {
    const zone = file.slice(0, file.indexOf("/"));
    expect(linesAbout(output[zone] ?? "", `${file}(`).join("\n")).toContain("error TS");
  });

  it("lets sound files through", () => {
    expect(Object.values(output).flatMap((text) => linesAbout(text, "sound.ts("))).toEqual([]);
  });

  it("refuses in Deno what Deno does not have", () => {
    const tree = plant({
      "adapters/node/wrong.ts": "export const x: number = globalThis.document;\n",
      "core/sound.ts": "export {};\n",
    });
    expect(tree.run("deno", ["check", "adapters/node/wrong.ts"]).code).not.toBe(0);
    expect(tree.run("deno", ["check", "core/sound.ts"]).code).toBe(0);
  });
});

describe("format", () => {
  it("refuses what deno fmt would change", () => {
    const tree = plant({ "core/wide.ts": "export const x   = 1;\n", "core/sound.ts": "export const x = 1;\n" });
    expect(tree.run("deno", ["fmt", "--check", "core/wide.ts"]).code).not.toBe(0);
    expect(tree.run("deno", ["fmt", "--check", "core/sound.ts"]).code).toBe(0);
  });
});

describe("docs", () => {
  const documented = "/**\n * Ones.\n *\n * @module\n */\n\n/** One. */\nexport const one: number = 1;\n";
  const example = (value: number) =>
    `/**\n * One.\n *\n * @example One\n * \`\`\`ts\n * if (one !== ${value}) throw new Error();\n * \`\`\`\n */\nexport const one: number = 1;\n`;

  it.each([
    [
      "an export without documentation",
      "/**\n * Ones.\n *\n * @module\n */\n\n/** One. */\nexport const one: number = 1;\nexport const two: number = 2;\n",
    ],
    ["a module without documentation", "/** One. */\nexport const one: number = 1;\n"],
    ["a documentation without a word", "/**\n * Ones.\n *\n * @module\n */\n\n/** */\nexport const one: number = 1;\n"],
  ])("refuse %s", (_, content) => {
    const tree = plant({ "core/undocumented.ts": content, "core/documented.ts": documented });
    expect(tree.run("node", ["test/gates/docs.ts", "core/undocumented.ts", "core/documented.ts"]).code).not.toBe(0);
    expect(tree.run("node", ["test/gates/docs.ts", "core/documented.ts"]).code).toBe(0);
  });

  it("refuse an example that does not hold", () => {
    const tree = plant({ "core/wrong.ts": example(2), "core/right.ts": example(1) });
    expect(tree.run("deno", ["test", "--doc", "core/wrong.ts"]).code).not.toBe(0);
    const right = tree.run("deno", ["test", "--doc", "core/right.ts"]);
    expect(right.output).toContain("1 passed");
    expect(right.code).toBe(0);
  });
});

describe("unused", () => {
  const main = `import { one } from "./one.ts";\nexport const two: number = one + one;\n`;
  const sound = { "core/mod.ts": main, "core/one.ts": "export const one = 1;\n" };
  const knip = (files: Readonly<Record<string, string>>) =>
    plant(files).run("knip", [
      "--config",
      "test/knip.json",
      "--no-progress",
      "--include",
      "files,exports,types,unlisted",
    ]);

  it.each([
    ["a file that nothing imports", { "core/alone.ts": "export const x = 1;\n" }, "core/alone.ts"],
    ["an export that nothing imports", { "core/one.ts": "export const one = 1;\nexport const spare = 2;\n" }, "spare"],
    ["a type that nothing imports", { "core/one.ts": "export const one = 1;\nexport type Spare = 2;\n" }, "Spare"],
    ["a package that package.json does not list", { "core/mod.ts": `import "left-pad";\n${main}` }, "left-pad"],
  ])("refuses %s", (_, planted, named) => {
    const { code, output } = knip({ ...sound, ...planted });
    expect(code).not.toBe(0);
    expect(linesAbout(output, named)).not.toEqual([]);
  });
});
