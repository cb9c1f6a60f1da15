import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../", import.meta.url);

/** What the table of rooms names. */
function rooms(): string[] {
  const page = readFileSync(new URL("core/ARCHITECTURE.md", root), "utf8");
  const [, table = ""] = /\n## Rooms\n\n([^#]+)/.exec(page) ?? [];
  return table.split("\n").flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "")
  );
}

function foldersOf(zone: string): string[] {
  const entries = readdirSync(new URL(`${zone}/`, root), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${zone}/${name}`);
}

describe("the table of rooms", () => {
  it("names every folder of core and adapters, and none that is not there", () => {
    expect(rooms().sort()).toEqual([...foldersOf("core"), ...foldersOf("adapters"), "worker", "test"].sort());
  });
});
