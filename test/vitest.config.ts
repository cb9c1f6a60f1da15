/**
 * Where the tests run: `node` (everything), `workerd` (core and the portable adapters), `browser` (tests in Node that drive
 * Chromium) and, when vitest itself is run by Deno, `deno`. Core tests import no `node:` module, so the same files run in
 * Node, workerd and Deno.
 *
 * A test that can only run in Node is named `*.node.test.ts`.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import type { TestProjectInlineConfiguration, ViteUserConfig } from "vitest/config";
import { defineConfig } from "vitest/config";
import { realDataSource } from "./helpers/real-data-source.ts";

const root = new URL("..", import.meta.url).pathname;
const realData = realDataSource(process.env);

type TestOptions = NonNullable<TestProjectInlineConfiguration["test"]>;

/** One project; a plugin is an object with state, so each project has its own. */
function project(test: TestOptions, plugins: NonNullable<TestProjectInlineConfiguration["plugins"]> = []) {
  return {
    root,
    plugins: [realData.plugin(), ...plugins],
    test: {
      ...test,
      provide: { realData: realData.provided },
      // Generous: a loaded machine with two cores must not fail a test that is right.
      testTimeout: 60_000,
      hookTimeout: 120_000,
      expect: { poll: { timeout: 20_000 } },
    },
  };
}

const deno: TestOptions = {
  name: "deno",
  include: ["test/core/**/*.test.ts", "test/adapters/**/*.test.ts", "test/helpers/**/*.test.ts"],
  exclude: ["**/*.node.test.ts", "test/adapters/cli/**", "test/adapters/cloudflare/**"],
  pool: "forks",
};

const node: TestOptions = {
  name: "node",
  include: ["test/**/*.test.ts"],
  exclude: ["test/adapters/cloudflare/**", "test/browser/**"],
};

const browser: TestOptions = { name: "browser", include: ["test/browser/**/*.test.ts"] };

const workerd: TestOptions = {
  name: "workerd",
  include: [
    "test/core/**/*.test.ts",
    "test/adapters/{memory,web,http,cloudflare}/**/*.test.ts",
    "test/helpers/**/*.test.ts",
  ],
  exclude: ["**/*.node.test.ts"],
};

async function projects(): Promise<TestProjectInlineConfiguration[]> {
  if ("Deno" in globalThis) return [project(deno)];
  const { cloudflareTest } = await import("@cloudflare/vitest-plugin");
  const plugin = cloudflareTest({
    // Declares what test/adapters/cloudflare runs in: the storage of a Durable Object, a bucket.
    main: "./test/adapters/cloudflare/objects.ts",
    miniflare: {
      compatibilityDate: "2026-11-01",
      durableObjects: { STORE: { className: "StoreObject", useSQLite: true } },
      r2Buckets: ["BUCKET"],
    },
  });
  return [project(node), project(browser), project(workerd, [plugin])];
}

/** As many as vitest takes by itself, but two where there are two cores: many tests wait for processes of their own. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

const config: ViteUserConfig = defineConfig({ root, test: { maxWorkers, projects: await projects() } });

export default config;
