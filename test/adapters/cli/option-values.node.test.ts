import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { readInputFile } from "../../../adapters/cli/option-values.ts";
import { patternBytes } from "../../helpers/bytes.ts";
import { scratchFolder } from "../../helpers/velor-sync-process.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

describe("a file that an operand names", () => {
  it.each([0, 1, 99, 100])("is read as it is with %i of at most 100 bytes", async (length) => {
    const path = scratch.path("file");
    writeFileSync(path, patternBytes(length, 3));
    expect(await readInputFile(path, 100)).toEqual(patternBytes(length, 3));
  });

  it.each([101, 200_000])("is refused with %i bytes where 100 are the limit", async (length) => {
    const path = scratch.path("file");
    writeFileSync(path, patternBytes(length, 3));
    await expect(readInputFile(path, 100)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", detail: { limit: 100 } });
  });

  it("is refused at the limit where it never ends", async () => {
    await expect(readInputFile("/dev/zero", 200_000)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("is refused where there is none, with the reason", async () => {
    await expect(readInputFile(scratch.path("absent"), 100)).rejects.toThrow(/absent.*ENOENT/);
  });
});
