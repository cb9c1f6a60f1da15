import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { openRequestLog } from "../../../adapters/cli/request-log-file.ts";
import type { RequestRecord } from "../../../adapters/http/request-log.ts";
import { isSyncError } from "../../../core/errors.ts";
import { type Log, SILENT_LOG } from "../../../core/ports/log.ts";
import { scratchFolder } from "../../helpers/velor-sync-process.ts";

const RECORD: RequestRecord = { method: "GET", path: "/v1/summary", status: 200, bytes: 812 };

const scratch = scratchFolder();

afterAll(() => scratch.remove());

describe("the request log", () => {
  it("is appended to, each line with its time", async () => {
    const path = scratch.path("requests.log");
    for (let run = 0; run < 2; run++) {
      const log = await openRequestLog(path, { log: SILENT_LOG });
      log.write(RECORD);
      await log.close();
    }
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines).toHaveLength(3);
    for (const line of lines.slice(0, 2)) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z GET \/v1\/summary 200 812$/);
  });

  it("that cannot be opened is refused by its name", async () => {
    const path = scratch.path("missing/requests.log");
    await expect(openRequestLog(path, { log: SILENT_LOG })).rejects.toSatisfy((error) =>
      isSyncError(error, "INVALID_ARGUMENT") && error.message.startsWith(`Cannot write the request log ${path}`)
    );
  });

  it.skipIf(process.platform !== "linux")(
    "is given up when the disk is full, said once, and requests go on and are counted",
    async () => {
      const errors: unknown[] = [];
      const log: Log = { ...SILENT_LOG, error: (_, fields) => errors.push(fields) };
      // Every write to it fails as on a full disk.
      let lost = 0;
      const full = await openRequestLog("/dev/full", { log, onLost: () => lost++ });
      full.write(RECORD);
      await expect.poll(() => errors.length).toBe(1);
      for (let i = 0; i < 100; i++) full.write(RECORD);
      // The one that failed, and all after it.
      await expect.poll(() => lost).toBe(101);
      await full.close();
      expect(errors).toEqual([{ file: "/dev/full", reason: expect.stringContaining("ENOSPC") }]);
    },
  );
});
