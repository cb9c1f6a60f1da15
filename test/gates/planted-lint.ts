/**
 * One violation a lint rule, and sound files beside them.
 *
 * @module
 */

/** A file that one rule must refuse. */
export interface PlantedFile {
  readonly file: string;
  readonly content: string;
  /** Rule, or part of the message, that the refusal names. */
  readonly refusedBy: string;
}

const use = (names: string, from: string) =>
  `import { ${names} } from "${from}";\nexport const used: unknown = ${names};\n`;

/** What the linter must refuse. */
export const LINT_VIOLATIONS: readonly PlantedFile[] = [
  {
    file: "core/merkle/takes-adapter.ts",
    content: use("x", "../../adapters/node/x.ts"),
    refusedBy: "noRestrictedImports",
  },
  { file: "core/takes-adapter.ts", content: use("x", "../adapters/node/x.ts"), refusedBy: "noRestrictedImports" },
  {
    file: "core/trust/takes-adapter.ts",
    content: use("x", "../../adapters/node/x.ts"),
    refusedBy: "noRestrictedImports",
  },
  { file: "core/merkle/takes-worker.ts", content: use("x", "../../worker/x.ts"), refusedBy: "noRestrictedImports" },
  { file: "core/merkle/takes-test.ts", content: use("x", "../../test/x.ts"), refusedBy: "noRestrictedImports" },
  { file: "core/merkle/takes-node.ts", content: use("readFileSync", "node:fs"), refusedBy: "noNodejsModules" },
  { file: "core/merkle/takes-hono.ts", content: use("Hono", "hono"), refusedBy: "noRestrictedImports" },
  { file: "core/wire/takes-cbor-root.ts", content: use("decode", "cbor-x"), refusedBy: "noRestrictedImports" },
  {
    file: "core/merkle/marks.ts",
    content: use("markVerified", "../trust/verified.ts"),
    refusedBy: "noRestrictedImports",
  },
  {
    file: "adapters/node/marks.ts",
    content: use("markVerified", "../../core/trust/verified.ts"),
    refusedBy: "noRestrictedImports",
  },
  {
    file: "adapters/node/passes-mark-on.ts",
    content: `export { markVerified } from "../../core/trust/verified.ts";\n`,
    refusedBy: "noRestrictedImports",
  },
  { file: "adapters/node/takes-worker.ts", content: use("x", "../../worker/x.ts"), refusedBy: "noRestrictedImports" },
  { file: "adapters/node/takes-test.ts", content: use("x", "../../test/x.ts"), refusedBy: "noRestrictedImports" },
  { file: "worker/takes-test.ts", content: use("x", "../test/x.ts"), refusedBy: "noRestrictedImports" },
  { file: "core/date.ts", content: "export const now: number = Date.now();\n", refusedBy: "noRestrictedGlobals" },
  { file: "core/new-date.ts", content: "export const now: unknown = new Date();\n", refusedBy: "noRestrictedGlobals" },
  {
    file: "core/hidden-date.ts",
    content: "export const now: unknown = globalThis.Date;\n",
    refusedBy: "noRestrictedGlobals",
  },
  {
    file: "core/random.ts",
    content: "export const dice: number = Math.random();\n",
    refusedBy: "noJsRestrictedProperties",
  },
  {
    file: "core/destructured-random.ts",
    content: "const { random } = Math;\nexport const dice: number = random();\n",
    refusedBy: "noJsRestrictedProperties",
  },
  {
    file: "adapters/node/floating.ts",
    content: "async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n",
    refusedBy: "noFloatingPromises",
  },
  {
    file: "adapters/node/misused.ts",
    content:
      "async function isOpen(): Promise<boolean> {\n  return true;\n}\nexport function go(): number {\n  if (isOpen()) return 1;\n  return 2;\n}\n",
    refusedBy: "noMisusedPromises",
  },
  { file: "adapters/node/camelCase.ts", content: "export const x = 1;\n", refusedBy: "useFilenamingConvention" },
  {
    file: "core/merkle/cycle-a.ts",
    content: use("b", "./cycle-b.ts").replace("used", "a"),
    refusedBy: "noImportCycles",
  },
  {
    file: "core/merkle/cycle-b.ts",
    content: use("a", "./cycle-a.ts").replace("used", "b"),
    refusedBy: "noImportCycles",
  },
  {
    file: "core/merkle/type-cycle-a.ts",
    content: `import type { B } from "./type-cycle-b.ts";\nexport type A = B[];\n`,
    refusedBy: "noImportCycles",
  },
  {
    file: "core/merkle/type-cycle-b.ts",
    content: `import type { A } from "./type-cycle-a.ts";\nexport type B = A | 1;\n`,
    refusedBy: "noImportCycles",
  },
  { file: "core/star.ts", content: `export * from "./errors.ts";\n`, refusedBy: "noReExportAll" },
  { file: "core/default.ts", content: "export default 1;\n", refusedBy: "noDefaultExport" },
  { file: "core/any.ts", content: "export const x: any = 1;\n", refusedBy: "noExplicitAny" },
  { file: "core/console.ts", content: `console.log("x");\nexport const x = 1;\n`, refusedBy: "noConsole" },
  { file: "core/complex.ts", content: complexFunction(), refusedBy: "noExcessiveCognitiveComplexity" },
  { file: "adapters/node/long-function.ts", content: longFunction(61), refusedBy: "noExcessiveLinesPerFunction" },
  {
    file: "adapters/node/long-file.ts",
    content: Array.from({ length: 401 }, (_, i) => `export const x${i} = 1;\n`).join(""),
    refusedBy: "noExcessiveLinesPerFile",
  },
  {
    file: "test/core/focused.test.ts",
    content: `import { it } from "vitest";\nit.only("x", () => {});\n`,
    refusedBy: "noFocusedTests",
  },
];

/** What it must let through: the same things where they are allowed. */
export const LINT_SOUND: Readonly<Record<string, string>> = {
  "core/errors.ts": "export const x = 1;\n",
  "core/trust/verified.ts": "export function markVerified(): void {}\n",
  "core/trust/marks.ts": use("markVerified", "./verified.ts"),
  "core/driver/marks.ts": use("markVerified", "../trust/verified.ts"),
  "core/ledger/genesis-import.ts": use("markVerified", "../trust/verified.ts"),
  "core/wire/takes-cbor-parts.ts": use("decode", "cbor-x/decode"),
  "adapters/devnet/marks.ts": use("markVerified", "../../core/trust/verified.ts"),
  "adapters/node/takes-core.ts": use("x", "../../core/errors.ts"),
  "adapters/node/takes-node.ts": use("readFileSync", "node:fs"),
  "adapters/node/clock.ts": "export const now: number = Date.now() + Math.random();\n",
  "adapters/node/long-enough.ts": longFunction(50),
  "worker/takes-adapter.ts": use("x", "../adapters/node/takes-core.ts"),
  "test/takes-all.ts": use("markVerified", "../core/trust/verified.ts"),
};

function complexFunction(): string {
  const body = Array.from({ length: 6 }, (_, i) => `${"  ".repeat(i + 1)}if (x > ${i}) {\n`).join("");
  return `export function complex(x: number): number {\n${body}return 1;\n${"}\n".repeat(6)}  return 2;\n}\n`;
}

function longFunction(lines: number): string {
  return `export function long(list: number[]): void {\n${"  list.push(1);\n".repeat(lines)}}\n`;
}
