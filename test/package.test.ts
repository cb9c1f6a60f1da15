import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binary } from "./gates/binary.ts";
import { entriesOfSource, exportViolations, readPackageJson } from "./package/exports.ts";
import { type InstalledPackage, packAndInstall } from "./package/install.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { name, bin, dependencies, overrides } = readPackageJson(root);
const entries = Object.keys(entriesOfSource(root)).map((entry) => name + entry.slice(1));

describe("the package", () => {
  it("exports the same from npm, from JSR and from its source", () => expect(exportViolations(root)).toEqual([]));

  it("depends on exact versions, and never on a native codec", () => {
    expect(Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(overrides["cbor-extract"]).toBe(`npm:@noble/hashes@${dependencies["@noble/hashes"]}`);
  });

  it("can be published to JSR: explicit types everywhere, every import resolved", () => {
    execFileSync(binary("deno"), ["publish", "--dry-run", "--allow-dirty", "--quiet"], { cwd: root, stdio: "pipe" });
  });
});

describe("the npm tarball, installed into a fresh project", () => {
  let installed: InstalledPackage;
  beforeAll(() => {
    installed = packAndInstall(root);
  });
  afterAll(() => installed?.remove());

  it("holds what was built, the licence and the README, and no source or test", () => {
    for (const file of ["LICENSE", "README.md", "dist/core/mod.js", "dist/core/mod.d.ts"]) {
      expect(existsSync(join(installed.folder, file)), file).toBe(true);
    }
    for (const folder of ["core", "adapters", "test", "dist/test"]) {
      expect(existsSync(join(installed.folder, folder)), folder).toBe(false);
    }
  });

  it.each(entries)("imports %s in plain Node", (entry) => {
    const program = `console.log(Object.keys(await import(${JSON.stringify(entry)})).length)`;
    const args = ["--no-experimental-strip-types", "--input-type=module", "--eval", program];
    const names = execFileSync(process.execPath, args, { cwd: installed.project, encoding: "utf8" });
    expect(Number(names)).toBeGreaterThan(0);
  });

  it("has types that a consumer's compiler finds", () => {
    const lines = entries.map((entry, i) =>
      `import * as entry${i} from "${entry}";\nexport const n${i}: string = entry${i};\n`
    );
    writeFileSync(join(installed.project, "consumer.ts"), lines.join(""));
    const args = [
      "--noEmit",
      "--strict",
      "--module",
      "NodeNext",
      "--target",
      "ES2024",
      "--skipLibCheck",
      "consumer.ts",
    ];
    const errors = run(binary("tsc"), args, installed.project);
    // A module namespace is no string: exactly that is refused, for every entry, so none of them is `any` or missing.
    expect(errors.match(/error TS2322/g)).toHaveLength(entries.length);
    expect(errors.match(/error TS/g)).toHaveLength(entries.length);
  });

  it("is sound by publint", () => {
    execFileSync(binary("publint"), ["run", installed.folder, "--strict"], { cwd: root, stdio: "pipe" });
  });

  it("has a command that runs", () => {
    for (const file of Object.values(bin ?? {})) {
      const path = join(installed.folder, file);
      expect(readFileSync(path, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
      const help = execFileSync(process.execPath, [path, "--help"], { cwd: installed.project, encoding: "utf8" });
      expect(help).toContain("velor-sync");
    }
  });
});

/** Output of a command that is expected to fail. */
function run(program: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, args, { cwd, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
}
