/**
 * HTTP requests from their grammar: every path of the service, POSTs of frames, the headers that matter, and changes of all.
 *
 * @module
 */
import { GET_RESPONSE_BYTES } from "../../core/wire/limits.ts";
import { pathOfRequest } from "../../core/wire/paths.ts";
import { PATH_ROUTES, type PathRouteName } from "../../core/wire/path-routes.ts";
import type { DataRequest } from "../../core/wire/request.ts";
import { mutateBytes } from "./frame-mutator.ts";
import type { FuzzRandom } from "./fuzz-random.ts";
import { decodeMessage, encodeMessage, type HttpMessage } from "./http-message.ts";
import type { LedgerFacts } from "./ledger-facts.ts";
import { RequestGrammar } from "./request-grammar.ts";

/** Makes inputs. */
export type InputMaker = (random: FuzzRandom, pool: readonly Uint8Array[]) => Uint8Array;

const NOTHING = new Uint8Array(0);
const ROUTES = Object.keys(PATH_ROUTES) as PathRouteName[];

/** Paths that are not those of requests. */
const OTHER_PATHS = ["/healthz", "/openapi.json", "/", "/v1", "/v1/", "/v1/request", "/metrics", "/v2/summary"];

/** Pieces that break paths in the ways that servers are broken in. */
const PATH_PIECES = [
  ...["/", "//", "/../", "/./", "%2f", "%00", "%", "%zz", "?", "?fresh=abc", "?fresh=", "?fresh=a&b=c", "&", "#x", "@"],
  ...[
    "-",
    "--",
    "+",
    " ",
    "\t",
    ";",
    "\\",
    ",",
    ".",
    "0",
    "00",
    "-1",
    "1e9",
    "0x10",
    "18446744073709551616",
    "é",
    "\u0000",
  ],
  ...["latest", "by-hash", "at", "count", "A", "ff".repeat(32), "9".repeat(200), "a/".repeat(300), "__proto__"],
];

/** Requests drawn until there is one with a path: three quarters have one. */
const MAX_TRIES = 20;

const METHODS = ["HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "get", "QUERY", "X"];

/**
 * GETs: of requests from the grammar, of paths that are changed, and with any method.
 *
 * @param waitingPercent Share of the requests that may wait.
 */
export function getMaker(facts: LedgerFacts, waitingPercent: number): InputMaker {
  const grammar = new RequestGrammar(facts, waitingPercent);
  return (random, pool) => {
    const base = pool.length > 0 && random.chance(15) ? decodeMessage(random.pick(pool)) : undefined;
    let target = base?.target ?? freshTarget(random, grammar);
    const isChanged = random.chance(25);
    if (isChanged) target = changedTarget(random, target);
    if (random.chance(4)) target += `?fresh=${random.u32().toString(36)}`;
    const method = random.chance(90) ? "GET" : random.pick(METHODS);
    return encodeMessage({ method, target, headers: conditionHeaders(random), body: NOTHING });
  };
}

/** POSTs of request frames, mostly sound ones. */
export function postMaker(frames: InputMaker): InputMaker {
  return (random, pool) => {
    const bodies = () => {
      const message = pool.length > 0 ? decodeMessage(random.pick(pool)) : undefined;
      return message === undefined ? [] : [message.body];
    };
    const body = random.below(300) === 0
      ? random.bytes(random.pick([0, 1, 65_535, 65_536, 65_537, 200_000]))
      : frames(random, bodies());
    const target = random.chance(97) ? "/v1/request" : random.pick([...OTHER_PATHS, "/v1/request/", "/v1/request?x=1"]);
    const method = random.chance(98) ? "POST" : random.pick(METHODS);
    return encodeMessage({ method, target, headers: bodyHeaders(random), body });
  };
}

/** Messages whose very bytes are changed: for servers that parse HTTP themselves. */
export function brokenMaker(makers: readonly InputMaker[]): InputMaker {
  return (random, pool) => {
    const message = random.pick(makers)(random, pool);
    return mutateBytes(random, message, pool.length > 0 ? random.pick(pool) : message);
  };
}

/** Whether a message can be given to `new Request`, which refuses what no server of ours ever sees. */
export function isFetchable({ method, target }: HttpMessage): boolean {
  return target.startsWith("/") && /^[A-Za-z-]+$/.test(method) && !/^(connect|trace|track)$/i.test(method);
}

function freshTarget(random: FuzzRandom, grammar: RequestGrammar): string {
  if (random.chance(3)) return random.pick(OTHER_PATHS);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const request = grammar.any(random);
    // Of the limits that a client can name, a path means one.
    const path = pathOfRequest("maxResponseBytes" in request ? withPathLimit(request) : request);
    if (path !== undefined) return path;
  }
  return PATH_ROUTES[random.pick(ROUTES)].template;
}

function withPathLimit(request: DataRequest): DataRequest {
  return { ...request, maxResponseBytes: GET_RESPONSE_BYTES } as DataRequest;
}

/** A path with something put in, taken out, doubled or replaced. */
function changedTarget(random: FuzzRandom, target: string): string {
  let changed = target;
  for (let i = random.below(2); i >= 0; i--) {
    const at = random.below(changed.length + 1);
    const taken = random.chance(50) ? 0 : random.below(8);
    const put = random.chance(20)
      ? changed.slice(at, at + 12)
      : random.chance(70)
      ? random.pick(PATH_PIECES)
      : digits(random);
    changed = changed.slice(0, at) + put + changed.slice(at + taken);
  }
  return changed.startsWith("/") ? changed : `/${changed}`;
}

function digits(random: FuzzRandom): string {
  return String(random.u64());
}

function conditionHeaders(random: FuzzRandom): [string, string][] {
  const headers: [string, string][] = [];
  if (random.chance(8)) {
    headers.push(["if-none-match", random.pick(["*", 'W/"x"', '"abc", "def"', '"', "x".repeat(2_000)])]);
  }
  if (random.chance(15)) {
    const codings = ["gzip", "identity", "gzip;q=0", "br, gzip;q=0.5", "*", ";;q=x,,", "gzip;q=1e999", "GZIP"];
    headers.push(["accept-encoding", random.pick(codings)]);
  }
  if (random.chance(3)) headers.push(["range", random.pick(["bytes=0-9", "bytes=9-0", "x"])]);
  if (random.chance(5)) headers.push(["x-forwarded-for", random.pick(["1.2.3.4", "::1", "x, y", ",".repeat(500)])]);
  return headers;
}

function bodyHeaders(random: FuzzRandom): [string, string][] {
  const headers: [string, string][] = conditionHeaders(random);
  if (random.chance(80)) headers.push(["content-type", random.chance(95) ? "application/cbor" : 'text/plain; x="y']);
  if (random.chance(2)) headers.push(["content-encoding", random.pick(["gzip", "identity", "br", ""])]);
  return headers;
}
