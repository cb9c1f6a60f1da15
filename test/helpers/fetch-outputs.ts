/**
 * Fetching and claiming outputs of a devnet, without a driver.
 *
 * @module
 */
import { createDirectTransport } from "../../adapters/memory/direct-transport.ts";
import type { LedgerInfoWithSignatures } from "../../core/chain/ledger-info.ts";
import type { OutputsClaim } from "../../core/driver/verify-outputs.ts";
import { markVerified } from "../../core/trust/verified.ts";
import { GET_RESPONSE_BYTES } from "../../core/wire/limits.ts";
import { pathOfRequest } from "../../core/wire/paths.ts";
import { decodeResponse } from "../../core/wire/response.ts";
import { type DevnetWorld, serveWorld } from "./devnet-world.ts";

/** The true outputs of a range, as the service sends them, on the ledger that ends before them. */
export async function claimOutputs(
  world: DevnetWorld,
  range: { readonly firstVersion: bigint; readonly lastVersion: bigint; readonly target: LedgerInfoWithSignatures },
): Promise<OutputsClaim> {
  const { firstVersion, lastVersion, target } = range;
  const path = pathOfRequest({
    kind: "getTransactionDataWithProof",
    dataType: { kind: "outputs" },
    maxResponseBytes: GET_RESPONSE_BYTES,
    firstVersion,
    lastVersion,
    proofVersion: target.ledgerInfo.commitInfo.version,
  }) as string;
  const transport = createDirectTransport(new Map([["http://a", serveWorld(world)]]));
  const limits = { timeoutMs: 1000, maxResponseBytes: GET_RESPONSE_BYTES };
  const frame = await transport.send("http://a", { path, body: new Uint8Array(0) }, limits);
  const { response } = decodeResponse(frame, { maxBytes: GET_RESPONSE_BYTES });
  if (response?.kind !== "transactionDataWithProof" || response.data.list !== "outputs") throw new Error("no outputs");
  const accumulator = await world.ledger.accumulatorAt(firstVersion);
  return { outputs: response.data, ledgerInfo: markVerified(target), accumulator };
}
