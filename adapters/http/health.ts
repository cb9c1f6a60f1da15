/**
 * What `/healthz` says. It answers 200 whenever the process can answer; an old head is a field, not a failure.
 *
 * @module
 */
import { isSyncError } from "../../core/errors.ts";
import type { StorageServer } from "../../core/storage-service/storage-server.ts";

/** Health of a storage server. u64 are decimal strings. */
export interface Health {
  /** The process answers. */
  readonly status: "ok";
  /** Version up to which everything is proven; absent while there is nothing, or the store does not answer. */
  readonly committedVersion?: string;
  /** Epoch of the newest ledger info. */
  readonly epoch?: string;
  /** Milliseconds since the newest ledger info was made, by its own timestamp and this machine's clock. */
  readonly headAgeMs?: number;
  /** Code of the error, if the store does not answer. */
  readonly storeError?: string;
}

/** {@link Health} as a JSON schema, for `/openapi.json`. */
export const HEALTH_SCHEMA: Readonly<Record<string, unknown>> = {
  type: "object",
  additionalProperties: false,
  required: ["status"],
  properties: {
    status: { type: "string", const: "ok", description: "The process answers." },
    committedVersion: {
      type: "string",
      pattern: "^[0-9]+$",
      description:
        "Version up to which everything is proven; absent while there is nothing, or the store does not answer.",
    },
    epoch: { type: "string", pattern: "^[0-9]+$", description: "Epoch of the newest ledger info." },
    headAgeMs: {
      type: "number",
      description: "Milliseconds since the newest ledger info was made, by its own timestamp and this machine's clock.",
    },
    storeError: { type: "string", description: "Code of the error, if the store does not answer." },
  },
};

/** Looks at the server. Never rejects. */
export async function healthOf(server: Pick<StorageServer, "view">, nowMs: number): Promise<Health> {
  try {
    const { latest } = await server.view();
    if (latest === undefined) return { status: "ok" };
    const { version, epoch, timestampUsecs } = latest.ledgerInfo.commitInfo;
    return {
      status: "ok",
      committedVersion: String(version),
      epoch: String(epoch),
      headAgeMs: nowMs - Number(timestampUsecs / 1000n),
    };
  } catch (error) {
    return { status: "ok", storeError: isSyncError(error) ? error.code : "UNKNOWN" };
  }
}
