/**
 * A deterministic local chain: same arguments, same bytes.
 *
 * @module
 */
export type { ProducedBlock } from "./block-producer.ts";
export {
  continueDevnet,
  createDevnetGenesis,
  type Devnet,
  type DevnetEnvironment,
  type DevnetGenesis,
  startDevnet,
} from "./devnet.ts";
export { createNobleSigner, type Ed25519Signer } from "./ed25519-signer.ts";
export { buildDevnet, type BuildDevnetOptions, type BuildProgress, type BuiltDevnet } from "./ledger-builder.ts";
export { type LiveChainOptions, runLiveChain } from "./live-chain.ts";
export { createMempool, type Mempool } from "./mempool.ts";
export { createTransferExecutor } from "./transfer-executor.ts";
export { DEFAULT_DEVNET_PARAMETERS, type DevnetParameters, devnetParameters } from "./parameters.ts";
