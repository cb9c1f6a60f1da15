/**
 * The test command is seen to fail, and to say so in its last line.
 *
 * @module
 */

import { describe, expect, it } from "vitest";
import { createPlanter, type PlantedTree, SETTINGS } from "./planted-tree.ts";

const plant = createPlanter();

describe("the test command", () => {
  const failing =
    `import { expect, it } from "vitest";\nit("passes", () => expect(1).toBe(1));\nit("fails", () => expect(1).toBe(2));\n`;
  const unloadable = `import "./missing.ts";\n`;

  /** Runs gates of a planted tree; returns the exit code and the last line. */
  function runGates(tree: PlantedTree, ...names: string[]): [code: number, lastLine: string | undefined] {
    const { code, output } = tree.run("node", ["test/run.ts", ...names]);
    return [code, output.trimEnd().split("\n").at(-1)];
  }

  it("ends with the tally, and with exit code 1 where a check fails", () => {
    const tree = plant({ "core/wide.ts": "export const x   = 1;\n", "adapters/x.ts": "export {};\n" });
    expect(runGates(tree, "format")).toEqual([1, "0 passed, 1 failed"]);
    expect(runGates(tree, "format", "types:core")).toEqual([1, "1 passed, 1 failed"]);
    expect(runGates(tree, "types:core")).toEqual([0, "1 passed, 0 failed"]);
    expect(runGates(tree, "typos")[0]).toBe(2);
  });

  it.each(["node", "workerd", "deno"])("counts a test that fails, and a file that does not load, in %s", (runtime) => {
    const tree = plant({ "test/core/failing.test.ts": failing, "test/core/unloadable.test.ts": unloadable });
    expect(runGates(tree, `test:${runtime}`)).toEqual([1, "1 passed, 2 failed"]);
  });

  it("fails where no test runs", () => {
    expect(runGates(plant({ "core/x.ts": "export {};\n" }), "test:node")).toEqual([1, "0 passed, 1 failed"]);
  });

  it("skips what needs the real data where it is absent, and fails with CI=true", () => {
    const helper = ["test/helpers/real-data.ts", "test/helpers/real-data.test.ts"];
    const tree = plant({}, [...SETTINGS, ...helper]);
    const run = (env: NodeJS.ProcessEnv) =>
      tree.run("vitest", ["run", "--config", "test/vitest.config.ts", "--project", "node"], env);
    expect(run({ VELOR_TEST_DATA: undefined, CI: undefined })).toMatchObject({ code: 0 });
    expect(run({ VELOR_TEST_DATA: undefined, CI: undefined }).output).toMatch(/1 passed.*2 skipped/);
    expect(run({ VELOR_TEST_DATA: undefined, CI: "true" })).toMatchObject({ code: 1 });
    expect(run({ VELOR_TEST_DATA: "/nowhere", CI: "true" })).toMatchObject({ code: 1 });
  });

  it("skips what needs Chromium where it is absent, and fails with CI=true", () => {
    const tree = plant({}, [...SETTINGS, "core", "test/browser", "test/helpers", "test/vectors"]);
    const run = (env: NodeJS.ProcessEnv) =>
      tree.run("vitest", ["run", "--config", "test/vitest.config.ts", "--project", "browser"], env);
    expect(run({ CHROMIUM_PATH: "/nowhere", CI: undefined })).toMatchObject({ code: 0 });
    expect(run({ CHROMIUM_PATH: "/nowhere", CI: "true" })).toMatchObject({ code: 1 });
  });
});
