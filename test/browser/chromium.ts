/**
 * Debian's Chromium for tests: headless, offline by its own will, with an empty profile.
 *
 * @module
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";

/** Where Debian puts it. */
const EXECUTABLE = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Whether Chromium is installed. */
export const hasChromium: boolean = existsSync(EXECUTABLE);

/** Whether its absence is a failure (`CI=true`). */
export const chromiumRequired: boolean = process.env["CI"] === "true";

/** An open page, and how to close all of it. */
export interface BrowserPage {
  readonly page: Page;
  close(): Promise<void>;
}

/**
 * Opens an empty page of a local server (a secure context, so that WebCrypto is there) in which one module has run.
 *
 * @param entry Path of the module; its exports are `globalThis.entry` in the page.
 */
export async function openPageWith(entry: string): Promise<BrowserPage> {
  const script = await bundle(entry);
  const server = createServer((request, response) => {
    const isScript = request.url === "/entry.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : `<!doctype html><link rel="icon" href="data:,"><script src="/entry.js"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const profile = mkdtempSync(join(tmpdir(), "velor-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return {
    page,
    async close() {
      await context.close();
      server.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "iife",
    globalName: "entry",
    platform: "browser",
    target: "es2023",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
