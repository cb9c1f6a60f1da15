/**
 * The docs gate: every module says what it is, every exported declaration what it promises.
 *
 * `deno doc --lint` also demands a comment on every property; where a name says all (`epoch: bigint`), a comment that
 * repeats it would be noise. So the rule here is: modules and exports, without exception.
 *
 * `node test/gates/docs.ts FILE…` prints what is undocumented and exits with 1 if anything is.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { binary } from "./binary.ts";

interface Doc {
  readonly doc?: string;
}

interface Declaration {
  readonly declarationKind: string;
  readonly kind: string;
  readonly jsDoc?: Doc;
}

interface ModuleDocs {
  readonly module_doc?: Doc;
  readonly symbols: readonly { readonly name: string; readonly declarations: readonly Declaration[] }[];
}

/** What `deno doc --json` says, as far as the gate looks at it. */
export interface DocReport {
  readonly nodes: Readonly<Record<string, ModuleDocs>>;
}

/** One line for each module or export without a text. A re-export is documented where it is declared. */
export function undocumented(report: DocReport): string[] {
  return Object.entries(report.nodes).flatMap(([file, { module_doc, symbols }]) => [
    ...(hasText(module_doc) ? [] : [`${file}: the module has no @module comment`]),
    ...symbols
      .filter(({ declarations }) =>
        declarations.some(({ declarationKind, kind, jsDoc }) =>
          declarationKind === "export" && kind !== "reference" && !hasText(jsDoc)
        )
      )
      .map(({ name }) => `${file}: ${name} has no comment`),
  ]);
}

function hasText(doc: Doc | undefined): boolean {
  return (doc?.doc ?? "").trim() !== "";
}

function main(files: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(binary("deno"), ["doc", "--json", "--quiet", ...files], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) {
    console.error(stderr);
    process.exitCode = 1;
    return;
  }
  const missing = undocumented(JSON.parse(stdout) as DocReport);
  for (const line of missing) console.error(line);
  process.exitCode = missing.length === 0 ? 0 : 1;
}

if (import.meta.main) main(process.argv.slice(2));
