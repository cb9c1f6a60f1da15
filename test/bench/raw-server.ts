/**
 * The rival of `serve`: a bare `node:http` server that sends answers it was given, byte for byte and header for header, and
 * does nothing else.
 *
 * `node test/bench/raw-server.ts FILE`: a JSON list of answers. Prints its port.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One answer of the rival. */
export interface RawAnswer {
  /** Path and query of the GET. */
  readonly path: string;
  /** Headers as `serve` sends them, those of the connection left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, in base64. */
  readonly body: string;
}

function main(file: string): void {
  const answers = new Map((JSON.parse(readFileSync(file, "utf8")) as RawAnswer[]).map(({ path, headers, body }) => {
    return [path, { headers, body: Buffer.from(body, "base64") }] as const;
  }));
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? "");
    response.writeHead(answer === undefined ? 404 : 200, answer?.headers);
    response.end(answer?.body);
  });
  server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
}

if (import.meta.main) main(process.argv[2] as string);
