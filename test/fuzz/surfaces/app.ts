/**
 * Surfaces `get` and `post`: the web application, called in this process as a runtime calls it.
 *
 * @module
 */
import { createRequesterOf } from "../../../adapters/http/client-address.ts";
import { createStorageServiceApp, type StorageServiceApp } from "../../../adapters/http/storage-service-app.ts";
import { nodeSha3 } from "../../../adapters/node/node-sha3.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import type { Outcome, Surface } from "../fuzzer.ts";
import { createFuzzedServer, type FuzzedServer, requesterOf, TRUSTED_ADDRESS } from "../fuzzed-server.ts";
import { getMaker, type InputMaker, isFetchable, postMaker } from "../http-grammar.ts";
import { decodeMessage, type HttpMessage } from "../http-message.ts";
import { judgeHttp } from "../http-oracle.ts";
import { frameGenerator } from "./server.ts";

/** Each that waits does so for some turns of virtual time. */
const WAITING_PERCENT = 10;

/** One of those that ask, as if it were a proxy. */
const PROXY_ADDRESS = "192.0.0.1";

/** Opens the surface of GETs. */
export async function openGetSurface(): Promise<Surface> {
  const fuzzed = await createFuzzedServer();
  return appSurface(fuzzed, { name: "get", generate: getMaker(fuzzed.facts, WAITING_PERCENT) });
}

/** Opens the surface of POSTs. */
export async function openPostSurface(): Promise<Surface> {
  const fuzzed = await createFuzzedServer();
  return appSurface(fuzzed, { name: "post", generate: postMaker(frameGenerator(fuzzed.facts, WAITING_PERCENT)) });
}

/** The application over a server, as a surface. */
export function appSurface(
  fuzzed: FuzzedServer,
  { name, generate, compression = false }: { name: string; generate: InputMaker; compression?: boolean },
): Surface {
  const app = createStorageServiceApp({
    server: fuzzed.server,
    sha3: nodeSha3,
    nowMs: () => Date.now(),
    log: SILENT_LOG,
    compression,
    requesterOf: createRequesterOf({
      clientAddressHeader: "X-Forwarded-For",
      trustedProxies: [PROXY_ADDRESS],
      trustedPeers: [TRUSTED_ADDRESS],
    }),
  });
  return {
    name,
    extension: "http",
    generate,
    run: (input) => askApp(app, fuzzed, input),
    passTime: fuzzed.passTime,
    between: fuzzed.between,
    close: async () => fuzzed.server.stop(),
  };
}

async function askApp(app: StorageServiceApp, { config }: FuzzedServer, input: Uint8Array): Promise<Outcome> {
  const message = decodeMessage(input);
  if (message === undefined || !isFetchable(message)) return { isAnswered: false, way: "no request" };
  const request = requestFrom(message);
  if (request === undefined) return { isAnswered: false, way: "no headers" };
  const { address } = requesterOf(input);
  const response = await app.fetch(request, { socketAddress: address });
  const body = new Uint8Array(await response.arrayBuffer());
  const header = (name: string) => response.headers.get(name) ?? undefined;
  return judgeHttp(message, { status: response.status, header, body }, config);
}

/** `undefined` if the platform refuses the headers before any server sees them. */
function requestFrom({ method, target, headers, body }: HttpMessage): Request | undefined {
  const hasBody = body.length > 0 && !/^(get|head)$/i.test(method);
  try {
    return new Request(`http://service.test${target}`, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      ...(hasBody ? { body: streamOf(body), duplex: "half" } : {}),
    } as RequestInit);
  } catch {
    return undefined;
  }
}

/** A body that comes in two pieces, as it does from a network. */
function streamOf(body: Uint8Array): ReadableStream<Uint8Array> {
  const middle = body.length >> 1;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(body.subarray(0, middle));
      controller.enqueue(body.subarray(middle));
      controller.close();
    },
  });
}
