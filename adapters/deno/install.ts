/**
 * Puts the packages that package.json pins into `node_modules`, on a machine that has Deno and no npm.
 *
 * The tasks of deno.json run it first. Where the packages are there already, whoever installed them, it does nothing.
 * Only what runs is installed: the development tools need `npm install`. Prints to stderr alone.
 *
 * @module
 */

const root = new URL("../../", import.meta.url);
const { dependencies }: { dependencies: Record<string, string> } = await readJson("package.json");

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(new URL(path, root)));
}

async function isInstalled(name: string, version: string): Promise<boolean> {
  try {
    return (await readJson<{ version: string }>(`node_modules/${name}/package.json`)).version === version;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(new URL(path, root)).then(() => true, () => false);
}

async function install(missing: readonly string[]): Promise<void> {
  console.error(`Installing ${missing.join(", ")}`);
  const args = ["install", "--prod", "--node-modules-dir=auto", "--quiet"];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: root, stdin: "null", stdout: "null" });
  const { code } = await child.output().then((output) => {
    Deno.stderr.writeSync(output.stderr);
    return output;
  });
  if (code !== 0) Deno.exit(code);
}

const checked = await Promise.all(
  Object.entries(dependencies).map(async ([name, version]) => ({ name, there: await isInstalled(name, version) })),
);
const missing = checked.filter(({ there }) => !there).map(({ name }) => name);

if (missing.length > 0) {
  // npm leaves this file; what npm installed, npm brings up to date.
  if (await exists("node_modules/.package-lock.json")) {
    console.error(`node_modules is not what package.json says (${missing.join(", ")}): run npm install`);
    Deno.exit(1);
  }
  await install(missing);
}
