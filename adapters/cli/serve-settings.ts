/**
 * The settings of a server, whether they come from a file or from flags.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import { isSyncError, SyncError } from "../../core/errors.ts";
import {
  DEFAULT_STORAGE_SERVICE_CONFIG,
  type SettingRange,
  STORAGE_SERVICE_RANGES,
  type StorageServiceConfig,
  type StorageServiceNumber,
} from "../../core/storage-service/config.ts";
import { createRequesterOf } from "../http/client-address.ts";
import { DEFAULT_GRACE_MS, DEFAULT_MAX_CONNECTIONS, type ListenAddress } from "./platform.ts";

/** Settings under their names in a file. What is absent has its default. */
export interface ServeSettings extends Partial<StorageServiceConfig> {
  /** Folder of the store. */
  readonly store?: string;
  /** Where to listen. */
  readonly listen?: ListenAddress;
  /** Where the metrics are; nowhere if absent. */
  readonly metricsListen?: ListenAddress;
  /** File that gets a line for each request. */
  readonly requestLog?: string;
  /** Ranges of proxies whose word on their clients is believed. */
  readonly trustedProxies?: readonly string[];
  /** Header in which these proxies name their client. */
  readonly clientAddressHeader?: string;
  /** Ranges of clients that are never ignored, and limited by memory and connections alone. */
  readonly allow?: readonly string[];
  /** Whether answers go out compressed to those who take gzip. */
  readonly compression?: boolean;
  /** Connections at once. */
  readonly maxConnections?: number;
  /** Milliseconds that requests in flight have when the server is stopped. */
  readonly shutdownTimeoutMs?: number;
}

/** Settings that are whole numbers. */
export type NumberSetting = StorageServiceNumber | "maxConnections" | "shutdownTimeoutMs";

/** What each of them may be. */
export const NUMBER_RANGES: Readonly<Record<NumberSetting, SettingRange>> = {
  ...STORAGE_SERVICE_RANGES,
  maxConnections: { lowest: 1, highest: 1_000_000 },
  // A supervisor that waits longer than five minutes is none.
  shutdownTimeoutMs: { lowest: 0, highest: 300_000 },
};

/** What each of them is if nobody says; absent where that means no limit. */
export const NUMBER_DEFAULTS: Readonly<Partial<Record<NumberSetting, number>>> = {
  ...DEFAULT_STORAGE_SERVICE_CONFIG,
  maxConnections: DEFAULT_MAX_CONNECTIONS,
  shutdownTimeoutMs: DEFAULT_GRACE_MS,
};

/** Reads an address or a CIDR range and adds it to those given before. */
export function addressRangeValue(text: string, previous: readonly string[] = []): readonly string[] {
  try {
    createRequesterOf({ trustedPeers: [text] });
  } catch (error) {
    if (!isSyncError(error)) throw error;
    throw new InvalidArgumentError("It must be an address or a CIDR range such as 10.0.0.0/8.");
  }
  return [...previous, text];
}

/** Reads the name of an HTTP header of addresses. */
export function headerNameValue(text: string): string {
  // RFC 9110 §5.6.2: a token.
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(text)) {
    throw new InvalidArgumentError("It must be the name of a header such as X-Forwarded-For.");
  }
  try {
    createRequesterOf({ clientAddressHeader: text });
  } catch (error) {
    if (!isSyncError(error)) throw error;
    throw new InvalidArgumentError(
      "It must be a header of bare addresses such as X-Forwarded-For, not one of RFC 7239.",
    );
  }
  return text;
}

/**
 * Refuses settings that mean something only together.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if one of them is missing.
 */
export function assertComplete({ trustedProxies = [], clientAddressHeader }: ServeSettings): void {
  if (trustedProxies.length > 0 && clientAddressHeader === undefined) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      "Cannot trust proxies: clientAddressHeader (--client-address-header) must say where they name their client, or all clients of a proxy count as one",
    );
  }
  if (trustedProxies.length === 0 && clientAddressHeader !== undefined) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot believe the header ${clientAddressHeader}: trustedProxies (--trusted-proxy) must say of whom, or any client could name itself`,
    );
  }
}
