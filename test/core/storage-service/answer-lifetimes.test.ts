import { describe, expect, it } from "vitest";
import { ZERO_HASH } from "../../../core/chain/hash.ts";
import { buildDevnetWorld } from "../../helpers/devnet-world.ts";
import { serviceOf } from "../../helpers/range-world.ts";
import { withMethods } from "../../helpers/reader-counts.ts";

describe("the lifetime of an answer", () => {
  it("goes with the name of the chain that it was judged under", async () => {
    const world = await buildDevnetWorld({ blocks: 1 });
    const known = (await world.ledger.progress()).chain;
    let chain: Uint8Array = ZERO_HASH;
    const reader = withMethods(world.ledger, {
      progress: async () => ({ ...await world.ledger.progress(), chain }),
      // The name becomes known while the answer is read.
      epochEndings: async (...range) => {
        chain = known;
        return await world.ledger.epochEndings(...range);
      },
    });
    const service = serviceOf({ ...world, reader });
    const request = { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 0n } as const;
    expect(await service.answer(request)).toMatchObject({ lifetime: "minute", chain: ZERO_HASH });
    expect(await service.answer(request)).toMatchObject({ lifetime: "immutable", chain: known });
  });
});
