import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, it } from "vitest";
import { createOpenApiDocument, HEALTH_PATH, OPENAPI_PATH, REQUEST_PATH } from "../../../adapters/http/openapi.ts";
import { createStorageServiceApp } from "../../../adapters/http/storage-service-app.ts";
import { nodeSha3 } from "../../../adapters/node/node-sha3.ts";
import { decodeHex } from "../../../core/bytes/hex.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import { PATH_PARAMETERS, type PathValues } from "../../../core/wire/path-parameters.ts";
import { fillPath, PATH_ROUTES, type PathRouteName } from "../../../core/wire/path-routes.ts";
import { requestOfPath } from "../../../core/wire/paths.ts";
import { encodeRequest } from "../../../core/wire/request.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { type AskHttp, askOf, serverOf } from "../../helpers/http-world.ts";
import { expectDocumented, type OpenApiDocument, resolved } from "../../helpers/openapi-checks.ts";

const ROUTE_NAMES = Object.keys(PATH_ROUTES) as PathRouteName[];

let world: DevnetWorld;
let ask: AskHttp;
let document: OpenApiDocument;
/** Values with which every path is answered with data. */
let values: PathValues;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 8 });
  ask = askOf(world);
  document = await (await ask(OPENAPI_PATH)).json() as OpenApiDocument;
  const end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
  const keyHash = decodeHex("5a".repeat(32));
  values = {
    ...{ firstEpoch: 0n, lastEpoch: 1n, version: end, checkpoint: end, proofVersion: end },
    ...{ firstVersion: 2n, lastVersion: 3n, firstIndex: 0n, lastIndex: 7n, knownVersion: 2n, knownEpoch: 1n },
    ...{ keyHash, transactionHash: keyHash, keyHashes: keyHash },
  };
});

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1, as an independent validator sees it", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(createOpenApiDocument()));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe("3.1");
    expect(createOpenApiDocument()).toEqual(document);
  });

  it("names every route of the application and nothing else", () => {
    const app = createStorageServiceApp({ server: serverOf(world), sha3: nodeSha3, nowMs: () => 0, log: SILENT_LOG });
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`)
    );
    const single = app.routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !route.endsWith("*"));
    const paths = ROUTE_NAMES.map((name) => `GET ${PATH_ROUTES[name].template}`);
    expect(documented.sort()).toEqual([...single, ...paths].sort());
    expect(single.sort()).toEqual([`GET ${HEALTH_PATH}`, `GET ${OPENAPI_PATH}`, `POST ${REQUEST_PATH}`]);
  });

  it.each(ROUTE_NAMES)("says what a GET of %s answers, with data and without", async (name) => {
    const asked = { method: "GET", template: PATH_ROUTES[name].template };
    const path = fillPath(name, values);
    const answer = await ask(path);
    if (name.startsWith("new")) return expectDocumented(document, asked, answer);
    expect([path, answer.status]).toEqual([path, 200]);
    expectDocumented(document, asked, answer);
    const etag = answer.headers.get("etag");
    if (etag !== null) {
      const unchanged = await ask(path, { headers: { "if-none-match": etag } });
      expect(unchanged.status).toBe(304);
      expectDocumented(document, asked, unchanged);
    }
    const fresh = await ask(`${path}?fresh=1`);
    expect(fresh.status).toBe(200);
    expectDocumented(document, asked, fresh);
    const wrong = await ask(`${path}?other=1`);
    expect(wrong.status).toBe(400);
    expectDocumented(document, asked, wrong);
    if (PATH_ROUTES[name].parameters.length === 0 || name === "latestState" || name === "transactionByHash") return;
    const beyond = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, beyondHead(value)]));
    const missing = await ask(fillPath(name, beyond));
    expect(missing.status).toBe(404);
    expectDocumented(document, asked, missing);
  });

  it("says what a POST answers", async () => {
    const asked = { method: "POST", template: REQUEST_PATH };
    const bodies = [
      [encodeRequest(new Uint8Array(32), { kind: "getServerProtocolVersion" }), 200],
      [encodeRequest(new Uint8Array(32), { kind: "getEpochEndingAtVersion", version: 1n << 40n }), 404],
      [new Uint8Array(3), 400],
      [new Uint8Array(70_000), 413],
    ] as const;
    for (const [body, status] of bodies) {
      const response = await ask(REQUEST_PATH, { method: "POST", body: body as Uint8Array<ArrayBuffer> });
      expect(response.status).toBe(status);
      expectDocumented(document, asked, response);
    }
  });

  it("says what health and the document itself look like", async () => {
    for (const template of [HEALTH_PATH, OPENAPI_PATH]) {
      expectDocumented(document, { method: "GET", template }, await ask(template));
    }
    const { properties, required } = resolved<{ properties: object; required: string[] }>(document, {
      $ref: "#/components/schemas/Health",
    });
    const health = await (await ask(HEALTH_PATH)).json() as object;
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(health)));
    expect(Object.keys(health)).toEqual(expect.arrayContaining(required));
  });

  it("spells parameters exactly as they are read", () => {
    const spellings = ["0", "7", "01", "+7", "7 ", "", "18446744073709551615", "5a".repeat(32), "5A".repeat(32), "x"];
    for (const name of ROUTE_NAMES) {
      for (const parameter of PATH_ROUTES[name].parameters) {
        const { schema } = resolved<{ schema: { pattern: string } }>(document, {
          $ref: `#/components/parameters/${parameter}`,
        });
        for (const text of spellings) {
          const path = fillPath(name, { ...values, [parameter]: SPOT }).replace(String(SPOT), text);
          const isDocumented = new RegExp(schema.pattern).test(text);
          if (isDocumented) expect(requestOfPath(path).request.kind).toBeDefined();
          else expectSyncError(() => requestOfPath(path), "INVALID_REQUEST");
        }
      }
    }
    expect(Object.keys(PATH_PARAMETERS).length).toBeGreaterThan(10);
  });
});

/** A number that no other parameter has, to be found in a path and replaced. */
const SPOT = 987_654_321n;

function beyondHead(value: bigint | Uint8Array): bigint | Uint8Array {
  return typeof value === "bigint" ? value + 1_000_000n : value;
}
