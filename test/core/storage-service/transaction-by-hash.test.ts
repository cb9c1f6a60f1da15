import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import type { LedgerReader } from "../../../core/ledger/reader.ts";
import { GET_RESPONSE_BYTES } from "../../../core/wire/limits.ts";
import { encodeResponse } from "../../../core/wire/response.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { buildSizedWorld, serviceOf, type SizedWorld } from "../../helpers/range-world.ts";
import { withMethods } from "../../helpers/reader-counts.ts";

const TRANSACTION_BYTES = 2_500_000;

describe("a transaction by its hash", () => {
  let world: SizedWorld;

  beforeAll(async () => {
    world = await buildSizedWorld([{ count: 1, transactionBytes: TRANSACTION_BYTES }]);
  });

  /** Asks a server that sends 4 MiB at most, where the ledger info has `ledgerInfoBytes` more than usual. */
  async function frameBytes(ledgerInfoBytes: number): Promise<number> {
    const epochEndingAt: LedgerReader["epochEndingAt"] = async (version) => {
      const ending = await world.reader.epochEndingAt(version);
      return ending && { ...ending, bytes: concatBytes(ending.bytes, new Uint8Array(ledgerInfoBytes)) };
    };
    const reader = withMethods(world.reader, { epochEndingAt });
    const service = serviceOf({ ...world, reader }, { config: { maxNetworkChunkBytesV2: GET_RESPONSE_BYTES } });
    const hash = world.reference.versions[1]?.transactionHash ?? new Uint8Array(32);
    const { response, chain } = await service.answer({ kind: "getTransactionByHash", hash });
    expect(response).toMatchObject({ found: { data: { firstVersion: 1n } } });
    return encodeResponse(chain, response).length;
  }

  it("is refused where it fits what the server sends only without the ledger info", async () => {
    const room = GET_RESPONSE_BYTES - TRANSACTION_BYTES;
    expect(await frameBytes(0)).toBeLessThan(TRANSACTION_BYTES + 5_000);
    const most = await frameBytes(room - 6_000);
    expect(most).toBeGreaterThan(GET_RESPONSE_BYTES - 7_000);
    expect(most).toBeLessThanOrEqual(GET_RESPONSE_BYTES);
    await expectSyncErrorFrom(frameBytes(room), "TOO_LARGE");
    await expectSyncErrorFrom(frameBytes(room + 1_000_000), "TOO_LARGE");
  });
});
