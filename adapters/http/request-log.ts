/**
 * The request log: one line for each request, for operators and tests.
 *
 * @module
 */
import type { DataRequest } from "../../core/wire/request.ts";

/** What is known of a request when it has been answered. */
export interface RequestRecord {
  /** GET, HEAD, POST, OPTIONS. */
  readonly method: string;
  /** Path and query as they came, without whitespace. */
  readonly path: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Bytes of the answer's body. */
  readonly bytes: number;
  /** What was asked, where the body and not the path says it. */
  readonly request?: DataRequest;
}

/** Takes records. Must not throw and must not block. */
export type RequestLog = (record: RequestRecord) => void;

/** Longest path in a line; what is longer was refused anyway. */
const MAX_LOGGED_PATH = 2_048;

/**
 * One line without its newline: method, path, status, bytes, and for a POST what was asked. Fields are parted by one space.
 *
 * @example
 * ```ts
 * formatRequestRecord({ method: "GET", path: "/v1/summary", status: 200, bytes: 812 }); // "GET /v1/summary 200 812"
 * ```
 */
export function formatRequestRecord({ method, path, status, bytes, request }: RequestRecord): string {
  const line = `${method} ${path.slice(0, MAX_LOGGED_PATH)} ${status} ${bytes}`;
  return request === undefined ? line : `${line} ${describeRequest(request)}`;
}

/** Name and numbers of a request: `getTransactionDataWithProof firstVersion=0 lastVersion=63 proofVersion=99 …`. */
function describeRequest(request: DataRequest): string {
  const words: string[] = [request.kind];
  const { kind: _, ...fields } = request;
  for (const [name, value] of Object.entries("stream" in fields ? { ...fields, ...fields.stream } : fields)) {
    if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") {
      words.push(`${name}=${value}`);
    }
  }
  return words.join(" ");
}
