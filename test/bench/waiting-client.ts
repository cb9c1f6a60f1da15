/**
 * A client that waits for what comes next, over real connections, and checks that it gets all of it in order.
 *
 * @module
 */
import { decodeLedgerInfoWithSignatures, nextBlockEpoch } from "../../core/chain/ledger-info.ts";
import { VELOR_PROFILE } from "../../core/chain/profile.ts";
import { fillPath } from "../../core/wire/path-routes.ts";
import { encodeRequest } from "../../core/wire/request.ts";
import { decodeResponse } from "../../core/wire/response.ts";
import { type HttpConnection, type Message, openHttpConnection } from "./http-connection.ts";

/** Largest answer, in bytes; the blocks here have a few kilobytes. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Requests that a subscriber sends ahead. */
const AHEAD = 2;
/** Answers that are remembered as decoded: everybody who waits for the same gets the same bytes. */
const REMEMBERED = 8;
/** From one stream of a subscriber to its next, so that ids of different subscribers never meet. */
const STREAM_ID_STEP = 1_000_000n;

/** Where a client stands. */
export interface Position {
  readonly version: bigint;
  readonly epoch: bigint;
}

/** What an answer brought. */
interface Delivery extends Position {
  readonly firstVersion: bigint;
  /** Newest version that the server knew of. */
  readonly head: bigint;
  /** When the block of that version was proposed, in milliseconds since the Unix epoch. */
  readonly proposedMs: number;
}

/** What all clients together saw. */
export interface Seen {
  /** Answers with data. */
  answers: number;
  /** Answers that did not begin where the one before ended. */
  gaps: number;
  /** Requests that were answered with an error, by its code. */
  readonly refusals: Map<string, number>;
  /** Newest versions that the server knew of when it answered. */
  readonly heads: Set<bigint>;
  /** Milliseconds from the proposal of a block to its arrival at a client. */
  delaysMs: number[];
}

/** What clients are told. */
export interface ClientParts {
  readonly url: string;
  /** 32-byte value of the chain's genesis waypoint. */
  readonly chain: Uint8Array;
  /** Where to begin. */
  readonly start: Position;
  readonly seen: Seen;
  /** Ends the clients. */
  readonly signal: AbortSignal;
}

/** A client that runs. */
export interface WaitingClient {
  /** Resolves when the server has accepted its connections. */
  readonly accepted: Promise<unknown>;
  /** Newest version that it has. */
  readonly version: bigint;
  /** Resolves when it has ended; rejects with what it could not cope with. */
  readonly ended: Promise<void>;
}

/** Nothing seen yet. */
export function nothingSeen(): Seen {
  return { answers: 0, gaps: 0, refusals: new Map(), heads: new Set(), delaysMs: [] };
}

/** Starts a client that holds one long-poll at a time. */
export function startLongPoller(parts: ClientParts, localAddress: string): WaitingClient {
  const client = { ...parts.start };
  const connection = openHttpConnection(parts.url, localAddress);
  const accepted = acceptedOf([connection]);
  const ended = untilAborted(parts.signal, [connection], async () => {
    await accepted;
    const path = fillPath("newOutputs", { knownVersion: client.version, knownEpoch: client.epoch });
    const delivery = await fetchDelivery(parts, connection, { path });
    if (delivery !== undefined) advance(client, delivery, parts.seen);
  });
  return {
    get version() {
      return client.version;
    },
    accepted,
    ended,
  };
}

/** Starts a client that subscribes, and sends requests ahead. */
export function startSubscriber(parts: ClientParts, localAddress: string, firstStreamId: bigint): WaitingClient {
  const client = { ...parts.start };
  const connections = Array.from({ length: AHEAD }, () => openHttpConnection(parts.url, localAddress));
  const accepted = acceptedOf(connections);
  let streamId = firstStreamId;
  // One stream, until it is refused.
  const ended = untilAborted(parts.signal, connections, async () => {
    await accepted;
    const stream = { knownVersion: client.version, knownEpoch: client.epoch, streamId };
    streamId += STREAM_ID_STEP;
    const ask = (index: number) => {
      const kind = "subscribeTransactionOutputsWithProof";
      const body = encodeRequest(parts.chain, { kind, stream, streamIndex: BigInt(index) });
      const message = { path: "/v1/request", body };
      const delivery = fetchDelivery(parts, connections[index % AHEAD] as HttpConnection, message);
      // Whoever awaits it hears of it; until then a broken connection is nobody's unhandled rejection.
      delivery.catch(() => {});
      return delivery;
    };
    const pending = connections.map((_, index) => ask(index));
    for (let next = AHEAD;; next++) {
      const delivery = await (pending.shift() as Promise<Delivery | undefined>);
      if (delivery === undefined) break;
      advance(client, delivery, parts.seen);
      pending.push(ask(next));
    }
    // What was asked ahead is refused too; its connections are wanted again.
    await Promise.all(pending);
  });
  return {
    get version() {
      return client.version;
    },
    accepted,
    ended,
  };
}

/** An answer is the proof: the kernel connects clients long before the server knows of them. */
function acceptedOf(connections: readonly HttpConnection[]): Promise<unknown> {
  return Promise.all(connections.map((connection) => connection.exchange({ path: "/healthz" })));
}

function advance(client: { version: bigint; epoch: bigint }, delivery: Delivery, seen: Seen): void {
  seen.answers++;
  if (delivery.firstVersion !== client.version + 1n) seen.gaps++;
  seen.heads.add(delivery.head);
  if (delivery.version === delivery.head) seen.delaysMs.push(Date.now() - delivery.proposedMs);
  client.version = delivery.version;
  client.epoch = delivery.epoch;
}

async function untilAborted(
  signal: AbortSignal,
  connections: readonly HttpConnection[],
  run: () => Promise<void>,
): Promise<void> {
  signal.addEventListener("abort", () => {
    for (const connection of connections) connection.close();
  });
  try {
    while (!signal.aborted) await run();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Sends one request; `undefined` if it was refused. */
async function fetchDelivery(
  { seen }: ClientParts,
  connection: HttpConnection,
  message: Message,
): Promise<Delivery | undefined> {
  const outcome = outcomeOf(await connection.exchange(message));
  if (typeof outcome !== "string") return outcome;
  seen.refusals.set(outcome, (seen.refusals.get(outcome) ?? 0) + 1);
  return undefined;
}

const remembered: { readonly frame: Uint8Array; readonly outcome: Delivery | string }[] = [];

/** What an answer brought, or the code of its error. */
function outcomeOf(frame: Uint8Array): Delivery | string {
  const known = remembered.find((one) => Buffer.compare(one.frame, frame) === 0);
  if (known !== undefined) return known.outcome;
  const outcome = decode(frame);
  remembered.unshift({ frame, outcome });
  remembered.length = Math.min(remembered.length, REMEMBERED);
  return outcome;
}

function decode(frame: Uint8Array): Delivery | string {
  const { response, error } = decodeResponse(frame, { maxBytes: MAX_BYTES });
  if (error !== undefined) return error.code;
  if (response === undefined || !("ledgerInfo" in response) || !("data" in response)) {
    throw new Error(`A request for what is new was answered with ${response?.kind}`);
  }
  const { firstVersion, infos } = response.data;
  const { commitInfo } = decodeLedgerInfoWithSignatures(response.ledgerInfo, VELOR_PROFILE).ledgerInfo;
  const version = firstVersion + BigInt(infos.count) - 1n;
  return {
    firstVersion,
    version,
    epoch: version === commitInfo.version ? nextBlockEpoch(commitInfo) : commitInfo.epoch,
    head: commitInfo.version,
    proposedMs: Number(commitInfo.timestampUsecs / 1000n),
  };
}
