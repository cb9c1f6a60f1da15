import { describe, expect, it } from "vitest";
import { hasRealData, realData, realDataNames, realDataReason, realDataRequired } from "./real-data.ts";

describe("real data", () => {
  it("is there where it must be", ({ skip }) => {
    if (!realDataRequired) skip(!hasRealData, `no real chain data: ${realDataReason}`);
    expect(realDataReason).toBeUndefined();
    expect(realDataNames).toContain("genesis/mainnet.blob");
  });

  it.skipIf(!hasRealData)("is handed over byte by byte", async () => {
    const vectors: unknown = JSON.parse(new TextDecoder().decode(await realData("genesis/vectors.json")));
    expect(vectors).toBeTypeOf("object");
    expect((await realData("genesis/mainnet.blob")).length).toBe(996_225);
  });

  it("refuses a name that is not there", async () => {
    await expect(realData("genesis/../README.md")).rejects.toThrow("No real data file");
  });
});
