/**
 * The import graph of a tree, as Deno resolves it: static, type-only and dynamic imports, and re-exports.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { binary } from "./binary.ts";
import { sourceFiles } from "./source-files.ts";

/** For each file of the tree, relative to its root: the files of the tree it imports, and other specifiers as written. */
export type ModuleGraph = ReadonlyMap<string, ModuleImports>;

/** What one file imports. */
interface ModuleImports {
  readonly files: readonly string[];
  readonly others: readonly string[];
}

interface DenoInfo {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/** Reads the graph of every file of all zones with `deno info --json`. */
export function readModuleGraph(root: string): ModuleGraph {
  const modules = new Map(denoInfo(root).modules.map((module) => [module.specifier, module]));
  return new Map(
    sourceFiles(root).map((file) => {
      const module = modules.get(pathToFileURL(join(root, file)).href);
      if (module === undefined) throw new Error(`Cannot read the imports of ${file}: deno info does not list it`);
      return [file, importsOf(root, module.dependencies ?? [])];
    }),
  );
}

type Dependencies = NonNullable<DenoInfo["modules"][number]["dependencies"]>;

function importsOf(root: string, dependencies: Dependencies): ModuleImports {
  const files = new Set<string>();
  const others = new Set<string>();
  for (const { specifier, code, type } of dependencies) {
    const target = code?.specifier ?? type?.specifier ?? specifier;
    const path = target.startsWith("file:") ? relative(root, fileURLToPath(target)).replaceAll("\\", "/") : "";
    if (specifier.startsWith(".") && path !== "" && !path.startsWith("..")) files.add(path);
    else others.add(specifier);
  }
  return { files: [...files], others: [...others] };
}

function denoInfo(root: string): DenoInfo {
  const scratch = mkdtempSync(join(tmpdir(), "velor-graph-"));
  try {
    const entry = join(scratch, "all.ts");
    const imports = sourceFiles(root).map((file) => `import "${pathToFileURL(join(root, file)).href}";\n`);
    writeFileSync(entry, imports.join(""));
    const args = ["info", "--json", "--config", join(root, "deno.json"), entry];
    return JSON.parse(execFileSync(binary("deno"), args, {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "ignore"],
    }));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
