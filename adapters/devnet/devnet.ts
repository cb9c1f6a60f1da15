/**
 * A deterministic local chain over a ledger store: each call makes, signs and commits one block.
 *
 * What is produced depends on the parameters and on what the chain says, and on nothing else, so a chain that was stopped
 * goes on as if it never had been.
 *
 * @module
 */
import { FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import { SyncError } from "../../core/errors.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import { type Genesis, readGenesis } from "../../core/trust/genesis.ts";
import { markVerified } from "../../core/trust/verified.ts";
import type { Waypoint } from "../../core/trust/waypoint.ts";
import { createAccounts } from "./accounts.ts";
import { createBlockProducer, type ProducedBlock } from "./block-producer.ts";
import { createNobleSigner, type Ed25519Signer } from "./ed25519-signer.ts";
import { BLOCK, PARAMETERS, TIMESTAMP, TREASURY_ADDRESS } from "./framework-resources.ts";
import { createGenesis } from "./genesis.ts";
import { createMempool, type Mempool } from "./mempool.ts";
import type { ResourceType } from "./move-resource.ts";
import { type DevnetParameters, devnetParameters } from "./parameters.ts";
import { findResource } from "./resource-view.ts";
import { createStateCache, type StateCache } from "./state-cache.ts";
import { fundingBlockCount } from "./traffic.ts";
import { createValidatorKeyring } from "./validator-keyring.ts";

/** What a devnet runs on. */
export interface DevnetEnvironment {
  /** The chain's rules. */
  readonly context: ChainContext;
  /** Signs users' transactions; `@noble/curves` if absent. Which one decides the speed, not the bytes. */
  readonly signer?: Ed25519Signer | undefined;
}

/** Genesis of a devnet, before there is a store for it. */
export interface DevnetGenesis extends Genesis {
  /** BCS of the genesis transaction, as a network publishes it. */
  readonly blob: Uint8Array;
  /** What decides the chain. */
  readonly parameters: DevnetParameters;
}

/** A chain that makes blocks when asked. */
export interface Devnet {
  /** What decides the chain. */
  readonly parameters: DevnetParameters;
  /** Waypoint of genesis. */
  readonly waypoint: Waypoint;
  /** Transactions from outside; each block takes some of them. */
  readonly mempool: Mempool;
  /** Number of the newest block; 0 or below where funding blocks are the newest, or nothing but genesis. */
  blockNumber(): Promise<number>;
  /**
   * Makes, signs and commits the next block. Calls must not overlap.
   *
   * @param timestampMs Time of the block in milliseconds since the Unix epoch; one block interval after the one before if
   *   absent. Blocks are at least a millisecond apart, whatever is asked for.
   */
  produceBlock(timestampMs?: number): Promise<ProducedBlock>;
}

/**
 * Describes the genesis of a devnet.
 *
 * @param given What differs from the default parameters.
 * @throws {SyncError} `INVALID_ARGUMENT` if a parameter is outside its range.
 */
export function createDevnetGenesis(
  { context, signer = createNobleSigner() }: DevnetEnvironment,
  given: Partial<DevnetParameters> = {},
): DevnetGenesis {
  const parameters = devnetParameters(given);
  const accounts = createAccounts(context, parameters.seed, signer);
  const keyring = createValidatorKeyring(context.profile.validatorScheme, parameters.seed);
  const blob = createGenesis({ context, parameters, accounts, keyring });
  return { ...readGenesis(context, blob), blob, parameters };
}

/**
 * Begins a chain: commits its genesis.
 *
 * @param input.ledger Empty, created for the waypoint of `genesis`. Kept.
 */
export async function startDevnet(
  environment: DevnetEnvironment,
  { genesis, ledger }: { readonly genesis: DevnetGenesis; readonly ledger: LedgerWriter },
): Promise<Devnet> {
  const { chunk, ledgerInfo, parameters, waypoint } = genesis;
  const staged = await ledger.stageState({ version: 0n, writeSets: [chunk.writeSets] });
  await ledger.commit({ chunk: markVerified(chunk), state: staged, ledgerInfo: markVerified(ledgerInfo) });
  const state = createStateCache({ context: environment.context, reader: ledger }, { isEmpty: true });
  state.apply(chunk.writeSets);
  return createDevnet(environment, { parameters, waypoint, ledger, state });
}

/**
 * Continues the chain in a store as if it had never stopped.
 *
 * @param ledger Kept.
 * @throws {SyncError} `UNSUPPORTED` if the store holds no devnet.
 */
export async function continueDevnet(environment: DevnetEnvironment, ledger: LedgerWriter): Promise<Devnet> {
  const state = createStateCache({ context: environment.context, reader: ledger }, { isEmpty: false });
  const parameters = await resource(state, PARAMETERS, TREASURY_ADDRESS);
  const { chain } = await ledger.progress();
  return createDevnet(environment, { parameters, waypoint: { version: 0n, value: chain }, ledger, state });
}

function createDevnet(
  { context, signer = createNobleSigner() }: DevnetEnvironment,
  { parameters, waypoint, ledger, state }: {
    readonly parameters: DevnetParameters;
    readonly waypoint: Waypoint;
    readonly ledger: LedgerWriter;
    readonly state: StateCache;
  },
): Devnet {
  const mempool = createMempool();
  const produce = createBlockProducer({ context, parameters, signer, ledger, state, mempool });
  const blockNumber = async () => {
    const { height } = await resource(state, BLOCK, FRAMEWORK_ADDRESS);
    return Number(height) - fundingBlockCount(parameters);
  };
  return {
    parameters,
    waypoint,
    mempool,
    blockNumber,
    async produceBlock(timestampMs) {
      const newestUsecs = await resource(state, TIMESTAMP, FRAMEWORK_ADDRESS);
      return await produce(await blockNumber() + 1, nextTimestampUsecs(parameters, newestUsecs, timestampMs));
    },
  };
}

function nextTimestampUsecs(
  parameters: DevnetParameters,
  newestUsecs: bigint,
  timestampMs: number | undefined,
): bigint {
  const newestMs = newestUsecs === 0n ? parameters.genesisTimeMs : Number(newestUsecs / 1_000n);
  const nextMs = timestampMs ?? newestMs + parameters.blockIntervalMs;
  return BigInt(Math.max(nextMs, newestMs + 1)) * 1_000n;
}

async function resource<T>(state: StateCache, type: ResourceType<T>, address: Uint8Array): Promise<T> {
  const value = await findResource(state, type, address);
  if (value !== undefined) return value;
  throw new SyncError("UNSUPPORTED", `Cannot continue devnet: the store holds no ${type.tag.module}::${type.tag.name}`);
}
