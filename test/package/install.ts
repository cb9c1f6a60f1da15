/**
 * Packs the checkout and installs the tarball into a fresh project, without a network: the tarball is unpacked where npm
 * would put it, beside copies of exactly the packages that its `dependencies` lead to.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJson, readPackageJson } from "./exports.ts";

/** A project that has installed the package. */
export interface InstalledPackage {
  /** Folder of the project. */
  readonly project: string;
  /** Folder of the package inside it. */
  readonly folder: string;
  /** Removes the project. */
  remove(): void;
}

/**
 * Builds, packs and installs.
 *
 * @param root The checkout; its `dist` is rewritten.
 */
export function packAndInstall(root: string): InstalledPackage {
  const project = mkdtempSync(join(realpathSync(tmpdir()), "velor-package-"));
  const modules = join(project, "node_modules");
  const folder = join(modules, readPackageJson(root).name);
  mkdirSync(folder, { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", project], { cwd: root, stdio: ["ignore", "pipe", 2] });
  const tarball = readdirSync(project).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("Cannot install the package: npm pack left no tarball");
  execFileSync("tar", ["-xzf", join(project, tarball), "-C", folder, "--strip-components=1"]);
  for (const name of runtimePackages(root)) {
    cpSync(join(root, "node_modules", name), join(modules, name), { recursive: true });
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "fresh", private: true, type: "module" }));
  return { project, folder, remove: () => rmSync(project, { recursive: true, force: true }) };
}

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>;
}

/** Names of everything that `dependencies` lead to; optional dependencies left out. */
function runtimePackages(root: string): Set<string> {
  const { packages } = readJson<Lockfile>(root, "package-lock.json");
  const names = new Set<string>();
  const add = (name: string): void => {
    if (names.has(name)) return;
    names.add(name);
    for (const next of Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {})) add(next);
  };
  for (const name of Object.keys(readPackageJson(root).dependencies)) add(name);
  return names;
}
