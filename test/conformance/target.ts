/**
 * A server under the conformance suite: it serves the ledger of a devnet world, and follows it when it grows.
 *
 * @module
 */
import { encodeHex } from "../../core/bytes/hex.ts";
import { HEALTH_PATH, OPENAPI_PATH } from "../../adapters/http/openapi.ts";
import { columnItem } from "../../core/bytes/column.ts";
import { decodeTransactionInfo } from "../../core/chain/transaction-info.ts";
import type { StorageServiceConfig } from "../../core/storage-service/config.ts";
import { MAX_RESPONSE_BYTES } from "../../core/wire/limits.ts";
import {
  type DataResponse,
  type DecodedResponse,
  decodeResponse,
  type ResponseKind,
} from "../../core/wire/response.ts";
import type { DevnetWorld } from "../helpers/devnet-world.ts";
import { type AskHttp, askOf } from "../helpers/http-world.ts";
import type { OpenApiDocument } from "../helpers/openapi-checks.ts";
import type { HangUp } from "./raw-request.ts";

/** A server that runs. */
export interface RunningTarget {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** How its clients hang up so that it sees it. @default {"finish"} */
  readonly hangUp?: HangUp;
  /** Whether it compresses itself, or leaves that to what stands in front of it. */
  readonly compresses: boolean;
  /** Ends it and removes what it left. */
  close(): Promise<void>;
}

/** The server under test, and what is known of its ledger. */
export interface Target extends RunningTarget {
  readonly world: DevnetWorld;
  /** Asks the server under test. */
  readonly ask: AskHttp;
  /** Asks another server, in this process, over the world's own ledger. */
  readonly askReference: AskHttp;
  /** What the server under test says that its API is. */
  readonly document: OpenApiDocument;
  /** 32 bytes. */
  readonly chain: Uint8Array;
  /** Newest version when the suite began. */
  readonly head: bigint;
  /** Last version of epoch 1. */
  readonly end: bigint;
  /** Hash of a state key that has a value at `end`, in hex. */
  readonly keyHash: string;
  /** Hash of the transaction at version 3, in hex. */
  readonly transactionHash: string;
}

/** Time that a long-poll may wait: longer than any server keeps a silent connection, if it does not know better. */
export const LONG_WAIT_MS = 31_000;

type TargetConfig = Pick<
  StorageServiceConfig,
  "maxOptimisticFetchPeriodMs" | "maxActiveOptimisticFetches" | "maxSubscriptionPeriodMs"
>;

/** Settings that every target runs with, so that what they decide is seen from outside. */
export const TARGET_CONFIG: TargetConfig = {
  maxOptimisticFetchPeriodMs: LONG_WAIT_MS,
  maxActiveOptimisticFetches: 5,
  // The Worker under test looks at its upstream once a second.
  maxSubscriptionPeriodMs: 4_000,
};

const POLL_MS = 50;
const MAX_POLLS = 1_200;

/** Looks at a server, as soon as it has the world's ledger. */
export async function targetOf(world: DevnetWorld, running: RunningTarget): Promise<Target> {
  // What a test does not say is said for it by the runtime: that compressed answers are welcome.
  const ask: AskHttp = (path, init = {}) => {
    return fetch(running.url + path, { ...init, headers: { "accept-encoding": "identity", ...init.headers } });
  };
  await caughtUp({ ask, world });
  const { committedVersion: head = 0n, chain } = await world.ledger.progress();
  const end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
  const askReference = askOf(world);
  const chunk = await responseOf(await askReference(`/v1/states/${end}/0-0`), "stateValueChunkWithProof");
  const { data } = await responseOf(await askReference(`/v1/outputs/3-3@${end}`), "transactionDataWithProof");
  const { transactionHash } = decodeTransactionInfo(columnItem(data.infos, 0));
  return {
    ...running,
    ...{ world, ask, askReference, head, end, chain },
    document: await (await ask(OPENAPI_PATH)).json() as OpenApiDocument,
    keyHash: encodeHex(chunk.firstKey),
    transactionHash: encodeHex(transactionHash),
  };
}

/** Makes a block, and waits until the server has it. */
export async function grow(target: Pick<Target, "ask" | "world">): Promise<void> {
  await target.world.devnet.produceBlock();
  await caughtUp(target);
}

async function caughtUp({ ask, world }: Pick<Target, "ask" | "world">): Promise<void> {
  const { committedVersion } = await world.ledger.progress();
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    const response = await ask(HEALTH_PATH);
    const health = response.ok ? await response.json() as { committedVersion?: string } : {};
    if (health.committedVersion === String(committedVersion)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`The server does not reach version ${committedVersion}`);
}

/** The body of a response. */
export async function bodyOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** The frame in a response: an answer or an error. */
export async function frameOf(response: Response): Promise<DecodedResponse> {
  return decodeResponse(await bodyOf(response), { maxBytes: MAX_RESPONSE_BYTES });
}

/** The answer in a response, which must be of that kind. */
export async function responseOf<K extends ResponseKind>(
  response: Response,
  kind: K,
): Promise<DataResponse & { readonly kind: K }> {
  const frame = await frameOf(response);
  if (frame.response?.kind === kind) return frame.response as DataResponse & { readonly kind: K };
  throw new Error(`Expected ${kind}, found ${frame.response?.kind ?? frame.error?.message}`);
}
