/**
 * The table of paths: every direct request that a GET can ask, and what each parameter of its path means.
 *
 * The one home of these spellings: `paths.ts` reads and writes paths by it, and the HTTP adapter describes them to others
 * (`/openapi.json`). A template is literal text with `{parameters}` in it; nothing is percent-encoded.
 *
 * @module
 */
import type { TransactionDataType } from "./data-type.ts";
import { GET_RESPONSE_BYTES } from "./limits.ts";
import {
  PATH_PARAMETER_PATTERNS,
  PATH_PARAMETERS,
  type PathParameter,
  type PathValues,
  readPathParameter,
  spellPathParameter,
} from "./path-parameters.ts";
import type { DataRequest } from "./request-types.ts";
import type { ResponseKind } from "./response-types.ts";

/** Name of a path: what an API calls the operation. */
export type PathRouteName =
  | "summary"
  | "latestLedgerInfo"
  | "epochEndings"
  | "epochEndingAtVersion"
  | "transactions"
  | "transactionsWithEvents"
  | "outputs"
  | "transaction"
  | "transactionByHash"
  | "stateCount"
  | "stateChunk"
  | "latestState"
  | "state"
  | "statesByKey"
  | "newTransactions"
  | "newOutputs"
  | "newTransactionsOrOutputs"
  | "peers";

/** One path. */
export interface PathRoute {
  /** The path with its `{parameters}`. */
  readonly template: string;
  /** What it answers, for people: one sentence. */
  readonly summary: string;
  /** The answer when all goes well. */
  readonly answer: ResponseKind;
  /** The parameters, in the order of the path. */
  readonly parameters: readonly PathParameter[];
  /** Matches the path as a whole; one group a parameter. */
  readonly pattern: RegExp;
  /**
   * The request of a path.
   *
   * @param match What `pattern` found.
   * @throws {SyncError} `INVALID_REQUEST` if a number is above 2^64 - 1.
   */
  readonly read: (match: readonly string[]) => DataRequest;
}

/** A parameter in a template. */
const PARAMETER = /\{(\w+)\}/g;

const WITH_EVENTS: TransactionDataType = { kind: "transactions", includeEvents: true };

/** Every path below `/v1` that takes a GET. No two match the same path. */
export const PATH_ROUTES: Readonly<Record<PathRouteName, PathRoute>> = {
  summary: route("/v1/summary", {
    summary: "What the server holds, and how much it sends at once.",
    answer: "storageServerSummary",
    read: () => ({ kind: "getStorageServerSummary" }),
  }),
  latestLedgerInfo: route("/v1/ledger-info/latest", {
    summary: "The newest ledger info with its signatures.",
    answer: "latestLedgerInfo",
    read: () => ({ kind: "getLatestLedgerInfo" }),
  }),
  epochEndings: route("/v1/epochs/{firstEpoch}-{lastEpoch}", {
    summary: "The ledger infos that end a range of epochs.",
    answer: "epochEndingLedgerInfos",
    read: ({ firstEpoch, lastEpoch }) => ({ kind: "getEpochEndingLedgerInfos", firstEpoch, lastEpoch }),
  }),
  epochEndingAtVersion: route("/v1/epochs/at/{version}", {
    summary: "The ledger info that ends the epoch of a version.",
    answer: "epochEndingAtVersion",
    read: ({ version }) => ({ kind: "getEpochEndingAtVersion", version }),
  }),
  transactions: rangeRoute("transactions", { kind: "transactions", includeEvents: false }, "Transactions"),
  transactionsWithEvents: rangeRoute("transactions+events", WITH_EVENTS, "Transactions and their events"),
  outputs: rangeRoute("outputs", { kind: "outputs" }, "Outputs (write sets and events) of transactions"),
  transaction: route("/v1/transaction/{version}@{proofVersion}", {
    summary: "One transaction with its events and proof.",
    answer: "transactionDataWithProof",
    read: ({ version, proofVersion }) => {
      return rangeRequest(WITH_EVENTS, { firstVersion: version, lastVersion: version, proofVersion });
    },
  }),
  transactionByHash: route("/v1/transaction/by-hash/{transactionHash}", {
    summary: "The transaction of a hash with its events and proof; that there is none is an unproven claim.",
    answer: "transactionByHash",
    read: ({ transactionHash }) => ({ kind: "getTransactionByHash", hash: transactionHash }),
  }),
  stateCount: route("/v1/states/{version}/count", {
    summary: "The number of state values at a checkpoint: an unproven claim.",
    answer: "numberOfStatesAtVersion",
    read: ({ version }) => ({ kind: "getNumberOfStatesAtVersion", version }),
  }),
  stateChunk: route("/v1/states/{version}/{firstIndex}-{lastIndex}", {
    summary: "State values of a range of indexes at a checkpoint, with a range proof.",
    answer: "stateValueChunkWithProof",
    read: ({ version, firstIndex, lastIndex }) => ({ kind: "getStateValuesWithProof", version, firstIndex, lastIndex }),
  }),
  latestState: route("/v1/state/latest/{keyHash}", {
    summary: "The value of a state key at the newest checkpoint, or its proven absence.",
    answer: "stateValuesByKeyHash",
    read: ({ keyHash }) => ({ kind: "getStateValuesByKeyHash", keyHashes: keyHash }),
  }),
  state: route("/v1/state/{checkpoint}/{keyHash}@{proofVersion}", {
    summary:
      "The value of a state key at a checkpoint, or its proven absence, proven in the ledger info that ends the epoch " +
      "or in one that was the newest within the last half minute.",
    answer: "stateValuesByKeyHash",
    read: ({ checkpoint, keyHash, proofVersion }) => {
      return { kind: "getStateValuesByKeyHash", checkpoint, proofVersion, keyHashes: keyHash };
    },
  }),
  statesByKey: route("/v1/states-by-key/{checkpoint}@{proofVersion}/{keyHashes}", {
    summary: "The values of up to 16 state keys at a checkpoint, or their proven absence.",
    answer: "stateValuesByKeyHash",
    read: ({ checkpoint, proofVersion, keyHashes }) => {
      return { kind: "getStateValuesByKeyHash", checkpoint, proofVersion, keyHashes };
    },
  }),
  newTransactions: newDataRoute("transactions", WITH_EVENTS, "Transactions and their events"),
  newOutputs: newDataRoute("outputs", { kind: "outputs" }, "Outputs"),
  newTransactionsOrOutputs: newDataRoute(
    "either",
    { kind: "transactionsOrOutputs", includeEvents: true },
    "Outputs if all fit, else transactions and their events,",
  ),
  peers: route("/v1/peers", {
    summary: "Peers that the operator lists: a hint, nothing more.",
    answer: "peers",
    read: () => ({ kind: "getPeers" }),
  }),
};

/**
 * Writes a path.
 *
 * @param values One for each parameter of the route, at least.
 */
export function fillPath(name: PathRouteName, values: Partial<PathValues>): string {
  return PATH_ROUTES[name].template.replace(
    PARAMETER,
    (_, parameter: PathParameter) => spellPathParameter(values[parameter]),
  );
}

/** The names of the parameters in a template. */
type ParametersOf<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? (Name & PathParameter) | ParametersOf<Rest>
  : never;

function route<Template extends string>(
  template: Template,
  { read, ...rest }: Pick<PathRoute, "summary" | "answer"> & {
    readonly read: (values: Pick<PathValues, ParametersOf<Template>>) => DataRequest;
  },
): PathRoute {
  const parameters = [...template.matchAll(PARAMETER)].map(([, name]) => name as PathParameter);
  const pattern = template.replace(/\+/g, "\\+")
    .replace(PARAMETER, (_, name: PathParameter) => `(${PATH_PARAMETER_PATTERNS[PATH_PARAMETERS[name].type]})`);
  return {
    ...rest,
    template,
    parameters,
    pattern: new RegExp(`^${pattern}$`),
    read: (match) => {
      const values: Partial<Record<PathParameter, bigint | Uint8Array>> = {};
      let group = 0;
      for (const name of parameters) values[name] = readPathParameter(name, match[++group] as string);
      return read(values as unknown as PathValues);
    },
  };
}

function rangeRoute(path: string, dataType: TransactionDataType, what: string): PathRoute {
  return route(`/v1/${path}/{firstVersion}-{lastVersion}@{proofVersion}`, {
    summary: `${what} of a range of versions, with proof.`,
    answer: "transactionDataWithProof",
    read: (values) => rangeRequest(dataType, values),
  });
}

function newDataRoute(path: string, dataType: TransactionDataType, what: string): PathRoute {
  return route(`/v1/new/${path}/{knownVersion}/{knownEpoch}`, {
    summary: `${what} after the known version, as soon as there are any: waits.`,
    answer: "newTransactionDataWithProof",
    read: ({ knownVersion, knownEpoch }) => ({
      kind: "getNewTransactionDataWithProof",
      dataType,
      knownVersion,
      knownEpoch,
      maxResponseBytes: GET_RESPONSE_BYTES,
    }),
  });
}

function rangeRequest(
  dataType: TransactionDataType,
  { firstVersion, lastVersion, proofVersion }: Pick<PathValues, "firstVersion" | "lastVersion" | "proofVersion">,
): DataRequest {
  return {
    kind: "getTransactionDataWithProof",
    dataType,
    firstVersion,
    lastVersion,
    proofVersion,
    maxResponseBytes: GET_RESPONSE_BYTES,
  };
}
