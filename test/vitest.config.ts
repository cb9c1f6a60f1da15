/**
 * Where the tests run: `node` (everything), `workerd` (core and the portable adapters) and, when vitest itself is run by
 * Deno, `deno`. Core tests import no `node:` module, so the same files run in all three.
 *
 * A test that can only run in Node is named `*.node.test.ts`.
 *
 * @module
 */

import type { TestProjectConfiguration } from "vitest/config";
import { defineConfig } from "vitest/config";
import { realDataSource } from "./helpers/real-data-source.ts";

const inDeno = "Deno" in globalThis;
const root = new URL("..", import.meta.url).pathname;
const realData = realDataSource(process.env);
const provide = { realData: realData.provided };

/** A `plugins` entry is an object with state: each project needs its own. */
const shared = () => ({ root, plugins: [realData.plugin()] });

async function projects(): Promise<TestProjectConfiguration[]> {
  if (inDeno) {
    return [{
      ...shared(),
      test: {
        name: "deno",
        include: ["test/core/**/*.test.ts", "test/adapters/**/*.test.ts", "test/helpers/**/*.test.ts"],
        exclude: ["**/*.node.test.ts", "test/adapters/cli/**", "test/adapters/cloudflare/**"],
        pool: "forks",
        provide,
      },
    }];
  }
  const { cloudflareTest } = await import("@cloudflare/vitest-plugin");
  const workerd = {
    ...shared(),
    test: {
      name: "workerd",
      include: [
        "test/core/**/*.test.ts",
        "test/adapters/{memory,http,cloudflare}/**/*.test.ts",
        "test/helpers/**/*.test.ts",
      ],
      exclude: ["**/*.node.test.ts"],
      provide,
    },
  };
  workerd.plugins.push(cloudflareTest({ miniflare: { compatibilityDate: "2026-11-01" } }) as never);
  return [{
    ...shared(),
    test: { name: "node", include: ["test/**/*.test.ts"], exclude: ["test/adapters/cloudflare/**"], provide },
  }, workerd];
}

export default defineConfig({ root, test: { projects: await projects() } });
