/**
 * Ledger infos that nobody signed, for tests that look at their version and epoch only.
 *
 * @module
 */
import { ZERO_HASH } from "../../core/chain/hash.ts";
import {
  createLedgerInfoWithSignatures,
  type LedgerInfoWithSignatures,
  noSignatures,
} from "../../core/chain/ledger-info.ts";
import { VELOR_PROFILE } from "../../core/chain/profile.ts";

/** A ledger info at `version` in `epoch`; it ends that epoch if asked. */
export function unsignedLedgerInfo(
  version: bigint,
  epoch: bigint,
  options: { readonly endsEpoch?: boolean } = {},
): LedgerInfoWithSignatures {
  const commitInfo = {
    epoch,
    round: version,
    id: ZERO_HASH,
    executedStateId: ZERO_HASH,
    version,
    timestampUsecs: version * 1_000n,
    nextEpochState: options.endsEpoch === true ? { epoch: epoch + 1n, validators: [] } : undefined,
  };
  const ledgerInfo = { commitInfo, consensusDataHash: ZERO_HASH };
  return createLedgerInfoWithSignatures(ledgerInfo, noSignatures(VELOR_PROFILE.validatorScheme), VELOR_PROFILE);
}
