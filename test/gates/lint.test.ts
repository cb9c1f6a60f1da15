/**
 * The linter is seen to refuse one violation of each rule, and to let sound files through.
 *
 * @module
 */

import { beforeAll, describe, expect, it } from "vitest";
import { LINT_SOUND, LINT_VIOLATIONS } from "./planted-lint.ts";
import { createPlanter, linesAbout } from "./planted-tree.ts";

const plant = createPlanter();

describe("lint", () => {
  let output: string;
  beforeAll(() => {
    const violations = Object.fromEntries(LINT_VIOLATIONS.map(({ file, content }) => [file, content]));
    const tree = plant({ ...LINT_SOUND, ...violations });
    output = tree.run("biome", ["lint", "--reporter=github", "--max-diagnostics=none"]).output;
  });

  it.each(LINT_VIOLATIONS)("refuses $file by $refusedBy", ({ file, refusedBy }) => {
    expect(linesAbout(output, `/${file},`).join("\n")).toContain(`/${refusedBy},`);
  });

  it.each(Object.keys(LINT_SOUND))("lets %s through", (file) => {
    expect(linesAbout(output, `/${file},`)).toEqual([]);
  });
});
