import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ed25519Verdict, runEd25519Table } from "../helpers/ed25519-table.ts";
import table from "../vectors/ed25519-edge-cases.json" with { type: "json" };
import { type BrowserPage, chromiumRequired, hasChromium, openPageWith } from "./chromium.ts";

/** What the bundled helper is inside the page. */
declare const entry: { readonly runEd25519Table: typeof runEd25519Table };

describe("Chromium", () => {
  it("is there where it must be", ({ skip }) => {
    if (!chromiumRequired) skip(!hasChromium, "Chromium is not installed");
    expect(hasChromium).toBe(true);
  });
});

describe.skipIf(!hasChromium)("Ed25519 acceptance in Chromium", () => {
  let browser: BrowserPage;
  let verdicts: Ed25519Verdict[];

  beforeAll(async () => {
    browser = await openPageWith(fileURLToPath(new URL("../helpers/ed25519-table.ts", import.meta.url)));
    verdicts = await browser.page.evaluate(() => entry.runEd25519Table(globalThis.crypto.subtle));
  });
  afterAll(() => browser?.close());

  it("runs the whole table", () => {
    expect(verdicts.map(({ name }) => name)).toEqual(table.map(({ name }) => name));
  });

  it.each(table.map(({ name }) => name))("agrees on %s, with WebCrypto and with the fallback", (name) => {
    const verdict = verdicts.find((candidate) => candidate.name === name);
    expect(verdict).toMatchObject({ webcrypto: verdict?.expected, fallback: verdict?.expected });
  });
});
