import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { printable } from "../../../adapters/cli/printable.ts";
import { SyncError } from "../../../core/errors.ts";
import { encodeError } from "../../../core/wire/error-frame.ts";
import { scratchFolder, velorSync } from "../../helpers/velor-sync-process.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

describe("text for a terminal", () => {
  it.each([
    ["plain text, ümläuts and 日本 as they are", "plain text, ümläuts and 日本 as they are"],
    ["\u001b[2J\u0007", "\\u{1b}[2J\\u{7}"],
    ["a\nb\r\nc\u2028d", "a\\u{a}b\\u{d}\\u{a}c\\u{2028}d"],
    ["\u202eevil\u009b", "\\u{202e}evil\\u{9b}"],
  ])("%j is written as %j", (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it("holds what a peer says to one line without escapes, in the log and in the error", async () => {
    const lie = "\u001b[2J\u001b[H\nerror: all is well";
    const server = createServer((_, response) => {
      response.writeHead(400, { "content-type": "application/cbor" });
      response.end(encodeError(new Uint8Array(32), new SyncError("INVALID_REQUEST", lie)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const peer = ["--peer", `http://127.0.0.1:${port}`, "--waypoint", `0:${"ab".repeat(32)}`];
      const { exitCode, stderr } = await velorSync(["sync", ...peer, "--store", scratch.path("copy")]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("all is well");
      expect(stderr).not.toContain("\u001b");
      for (const line of stderr.trimEnd().split("\n")) expect(line).toMatch(/^(warn {2}peer is at fault|error: \\u)/);
    } finally {
      server.close();
    }
  });
});
