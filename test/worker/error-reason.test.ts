import { describe, expect, it } from "vitest";
import { SyncError } from "../../core/errors.ts";
import { reasonOf } from "../../worker/error-reason.ts";

describe("the reason of an error", () => {
  const cause = new TypeError("kv is gone", { cause: "network" });

  it.each<[what: string, thrown: unknown, reason: string]>([
    ["an error alone", new Error("no"), "Error: no"],
    ["what is no error", "no", "no"],
    [
      "the causes of an error",
      new SyncError("STORAGE_CORRUPT", "Cannot read ledger", { cause }),
      "SyncError: Cannot read ledger; cause: TypeError: kv is gone; cause: network",
    ],
    ["no cause twice", new SyncError("STORAGE_FAILED", "Cannot read: disk", { cause: new Error("disk") }), ": disk"],
  ])("tells %s", (_, thrown, reason) => {
    expect(reasonOf(thrown)).toMatch(new RegExp(`${reason}$`));
    expect(reasonOf(thrown).startsWith(String(thrown))).toBe(true);
  });

  it("ends where an error causes itself", () => {
    const own = new Error("a");
    own.cause = new Error("b", { cause: own });
    expect(reasonOf(own)).toBe("Error: a; cause: Error: b");
  });
});
