/**
 * `velor-sync trust ratchet`: from a trusted state and an epoch change proof to the newest trusted waypoint.
 *
 * @module
 */
import type { Command } from "commander";
import { createChainContext } from "../../../core/chain/hash.ts";
import { createNobleHasher } from "../../../core/chain/noble-hasher.ts";
import { decodeEpochChangeProof } from "../../../core/trust/epoch-change.ts";
import { ratchet } from "../../../core/trust/ratchet.ts";
import { decodeTrustedState } from "../../../core/trust/trusted-state.ts";
import { formatWaypoint } from "../../../core/trust/waypoint.ts";
import { createWebSignatureVerifier } from "../../web/web-signatures.ts";
import type { Runner } from "../command-runner.ts";
import { profileOf, profileOption, readInputFile } from "../option-values.ts";
import type { Report } from "../output.ts";

/** Largest file accepted, in bytes: a proof of 1,000 epochs with 150 validators each has about 15 MB. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

interface RatchetOptions {
  readonly profile: string;
  readonly trustedState: string;
  readonly epochChangeProof: string;
}

/** Adds `trust` and its commands to the program. */
export function addTrustCommands(program: Command, run: Runner): void {
  const trust = program.command("trust").description("move what is trusted forward");
  trust.command("ratchet")
    .description("verify an epoch change proof from a trusted state on and print the new waypoint")
    .requiredOption("--trusted-state <file>", "BCS TrustedState: what is trusted now")
    .requiredOption("--epoch-change-proof <file>", "BCS EpochChangeProof: how the epochs went on")
    .addOption(profileOption("aptos"))
    .action(run((_context, options: RatchetOptions) => ratchetFiles(options)));
}

async function ratchetFiles(options: RatchetOptions): Promise<Report> {
  const context = createChainContext(profileOf(options), createNobleHasher());
  const trustedState = decodeTrustedState(await readInputFile(options.trustedState, MAX_FILE_BYTES), context.profile);
  const proofBytes = await readInputFile(options.epochChangeProof, MAX_FILE_BYTES);
  const epochChangeProof = decodeEpochChangeProof(proofBytes, context.profile);
  const result = await ratchet(context, trustedState, { epochChangeProof }, createWebSignatureVerifier());
  return {
    waypoint: formatWaypoint(result.waypoint),
    epoch: result.epoch,
    version: result.version,
    signers: result.tally?.signers,
    validators: result.tally?.validators,
    votingPower: result.tally?.votingPower,
    quorumVotingPower: result.tally?.quorumVotingPower,
  };
}
