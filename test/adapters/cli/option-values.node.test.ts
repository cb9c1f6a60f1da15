import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { peerUrlValue, readInputFile } from "../../../adapters/cli/option-values.ts";
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

describe("the URL of a peer", () => {
  it.each([
    "http://user:secret@one.example",
    "https://user@one.example",
    "https://:secret@one.example",
    "http:user:secret@one.example",
    "http:\\\\user:secret@one.example",
  ])("is refused with a user name or a password: %s", (text) => {
    expect(() => peerUrlValue(text)).toThrow("It must be a URL without user name and password.");
  });

  it.each(["http://one.example/@scope", "https://one.example/a:b@c"])("may have an @ in its path: %s", (text) => {
    expect(peerUrlValue(text)).toEqual([text]);
  });
});
