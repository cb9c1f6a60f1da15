/**
 * The API as an OpenAPI 3.1 document, made from the table of paths that requests are read by.
 *
 * What a document cannot say in its own terms (the layout of frames) it says in words, and names the file that defines it.
 *
 * Source: OpenAPI Specification 3.1.1.
 *
 * @module
 */
import type { AnswerLifetime } from "../../core/storage-service/lifetime.ts";
import { MAX_FRESH_TOKEN_LENGTH, MAX_REQUEST_BYTES, PROTOCOL_VERSION } from "../../core/wire/limits.ts";
import { PATH_PARAMETER_PATTERNS, PATH_PARAMETERS, type PathParameter } from "../../core/wire/path-parameters.ts";
import { PATH_ROUTES, type PathRoute, type PathRouteName } from "../../core/wire/path-routes.ts";
import { RESPONSE_VARIANTS } from "../../core/wire/response-types.ts";
import { CACHE_CONTROL, FRAME_MEDIA_TYPE, JSON_MEDIA_TYPE } from "./answer-headers.ts";
import { HEALTH_SCHEMA } from "./health.ts";

/** A JSON object: what a document is made of. */
export type JsonObject = { readonly [name: string]: unknown };

/** Path of the document. */
export const OPENAPI_PATH = "/openapi.json";
/** Path of the health report. */
export const HEALTH_PATH = "/healthz";
/** Path that takes any request. */
export const REQUEST_PATH = "/v1/request";

/** Ranges that a cache may keep for ever, or for a minute if others would cut them elsewhere; not at all if time cut them. */
const RANGE: readonly AnswerLifetime[] = ["immutable", "minute", "none"];
/** Answers of one size, under the name of a ledger that ends an epoch, or of one that will be forgotten. */
const SINGLE: readonly AnswerLifetime[] = ["immutable", "minute"];

/** How long answers may be kept; `fresh` ones never are. */
const LIFETIMES: Readonly<Record<PathRouteName, readonly AnswerLifetime[]>> = {
  summary: ["second"],
  latestLedgerInfo: ["second"],
  epochEndings: RANGE,
  epochEndingAtVersion: SINGLE,
  transactions: RANGE,
  transactionsWithEvents: RANGE,
  outputs: RANGE,
  transaction: RANGE,
  transactionByHash: ["second"],
  stateCount: SINGLE,
  stateChunk: RANGE,
  latestState: ["second"],
  state: SINGLE,
  statesByKey: SINGLE,
  newTransactions: ["none"],
  newOutputs: ["none"],
  newTransactionsOrOutputs: ["none"],
  peers: ["none"],
};

const DESCRIPTION = `Copies of a Velor ledger, with proofs: verify everything, trust nothing but a waypoint.

Answers are CBOR frames \`[protocol, chain, variant, ...fields]\`; \`core/wire/velor-sync.cddl\` defines them. Every error is a \
frame too. Every GET answers HEAD as well. Numbers are decimals without leading zeros, hashes are lower-case hex, ranges are \
inclusive; every other spelling is refused, so that a value has one in every cache.`;

const STATUS_DESCRIPTIONS = {
  "400": "The request makes no sense, or is meant for another chain.",
  "404": "What it asks for is not here: not yet, no longer, or not at a checkpoint.",
  "413": "The request, or the first item of its answer, is above the server's limit.",
  "429": "Too many requests, or too many invalid ones. Retry later.",
  "503": "The server failed on its side.",
} as const;

type ErrorStatus = keyof typeof STATUS_DESCRIPTIONS;

const ALL_ERRORS = Object.keys(STATUS_DESCRIPTIONS) as readonly ErrorStatus[];
/** Of requests that every server can answer with a few bytes. */
const ERRORS_WITHOUT_DATA: readonly ErrorStatus[] = ["400", "429", "503"];
const WITHOUT_DATA: ReadonlySet<PathRouteName> = new Set(["summary", "peers"]);

/** Makes the document. */
export function createOpenApiDocument(): JsonObject {
  return {
    openapi: "3.1.1",
    info: {
      title: "Velor State Sync storage service",
      version: String(PROTOCOL_VERSION),
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [],
    paths: {
      ...Object.fromEntries(
        Object.entries(PATH_ROUTES).map(([name, route]) => [route.template, getItem(name as PathRouteName, route)]),
      ),
      [REQUEST_PATH]: requestItem(),
      [HEALTH_PATH]: jsonItem("health", "Whether the server can answer, and where its ledger stands.", {
        $ref: "#/components/schemas/Health",
      }),
      [OPENAPI_PATH]: jsonItem("openApi", "This document.", { type: "object" }),
    },
    components: components(),
  };
}

function getItem(name: PathRouteName, { summary, answer, parameters }: PathRoute): JsonObject {
  const lifetimes = LIFETIMES[name];
  return {
    get: {
      operationId: name,
      summary,
      parameters: [...parameters, "fresh"].map((parameter) => ({ $ref: `#/components/parameters/${parameter}` })),
      responses: {
        "200": frameResponse(`Answer \`${answer}\`, variant ${RESPONSE_VARIANTS[answer]}.`, [...lifetimes, "none"]),
        ...(lifetimes[0] === "none" ? {} : { "304": notModifiedResponse(lifetimes) }),
        ...errorResponses(WITHOUT_DATA.has(name) ? ERRORS_WITHOUT_DATA : ALL_ERRORS),
      },
    },
  };
}

function requestItem(): JsonObject {
  return {
    post: {
      operationId: "request",
      summary: "Any request, also those that no path can ask: V1 requests, optimistic fetches, subscriptions.",
      requestBody: {
        required: true,
        description: `A request frame of at most ${MAX_REQUEST_BYTES} bytes, without a content coding.`,
        content: { [FRAME_MEDIA_TYPE]: { schema: { $ref: "#/components/schemas/Frame" } } },
      },
      responses: {
        "200": frameResponse("The answer of the request's variant.", ["none"]),
        ...errorResponses(ALL_ERRORS),
      },
    },
  };
}

function jsonItem(operationId: string, summary: string, schema: JsonObject): JsonObject {
  const content = { [JSON_MEDIA_TYPE]: { schema } };
  return {
    get: { operationId, summary, responses: { "200": { description: summary, headers: headers(["none"]), content } } },
  };
}

function frameResponse(description: string, lifetimes: readonly AnswerLifetime[]): JsonObject {
  return {
    description,
    headers: headers(lifetimes),
    content: { [FRAME_MEDIA_TYPE]: { schema: { $ref: "#/components/schemas/Frame" } } },
  };
}

function notModifiedResponse(lifetimes: readonly AnswerLifetime[]): JsonObject {
  return { description: "`If-None-Match` names the answer.", headers: headers(lifetimes) };
}

function errorResponses(statuses: readonly ErrorStatus[]): JsonObject {
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]));
}

function headers(lifetimes: readonly AnswerLifetime[]): JsonObject {
  const values = new Set(lifetimes.map((lifetime) => CACHE_CONTROL[lifetime]));
  const isKept = [...values].some((value) => value !== CACHE_CONTROL.none);
  return {
    "Cache-Control": {
      description: "How long the answer may be kept.",
      required: true,
      schema: { type: "string", enum: [...values] },
    },
    "Access-Control-Allow-Origin": { $ref: "#/components/headers/AllowOrigin" },
    ...(isKept ? { ETag: { $ref: "#/components/headers/ETag" }, Vary: { $ref: "#/components/headers/Vary" } } : {}),
  };
}

function components(): JsonObject {
  return {
    parameters: {
      ...Object.fromEntries(Object.keys(PATH_PARAMETERS).map((name) => [name, parameter(name as PathParameter)])),
      fresh: {
        name: "fresh",
        in: "query",
        description:
          "A token of the client's choice: the answer comes from the server itself, which may have made it for " +
          "somebody else already, and goes into no cache on the way.",
        schema: { type: "string", pattern: `^[0-9A-Za-z_-]{1,${MAX_FRESH_TOKEN_LENGTH}}$` },
      },
    },
    headers: {
      AllowOrigin: { description: "Any page may read.", required: true, schema: { type: "string", const: "*" } },
      ETag: {
        description:
          "SHA3-256 of the frame in hex, and the content coding if there is one; absent if it may not be kept.",
        schema: { type: "string", pattern: '^"[0-9a-f]{64}(-gzip)?"$' },
      },
      Vary: { description: "What the answer depends on.", schema: { type: "string", const: "Accept-Encoding" } },
      RetryAfter: { description: "Seconds.", required: true, schema: { type: "string", pattern: "^[1-9][0-9]*$" } },
    },
    responses: Object.fromEntries(ALL_ERRORS.map((status) => [status, errorResponse(status)])),
    schemas: {
      Frame: {
        description: "A CBOR message, see `core/wire/velor-sync.cddl`.",
        type: "string",
        contentMediaType: FRAME_MEDIA_TYPE,
      },
      Health: HEALTH_SCHEMA,
    },
  };
}

function parameter(name: PathParameter): JsonObject {
  const { type, description } = PATH_PARAMETERS[name];
  // Text, because JSON's numbers end at 2^53.
  const schema = { type: "string", pattern: `^${PATH_PARAMETER_PATTERNS[type]}$` };
  return { name, in: "path", required: true, description, schema };
}

function errorResponse(status: ErrorStatus): JsonObject {
  const response = frameResponse(`${STATUS_DESCRIPTIONS[status]} An error frame, variant 255.`, ["none"]);
  if (status !== "429") return response;
  const retryAfter = { "Retry-After": { $ref: "#/components/headers/RetryAfter" } };
  return { ...response, headers: { ...headers(["none"]), ...retryAfter } };
}
