/**
 * Places for requests that are being answered: so many in all, so many of one address.
 *
 * @module
 */
import type { StorageServiceConfig } from "./config.ts";
import type { Requester } from "./requester.ts";

/** Counts requests while they are being answered. */
export class Places {
  readonly #config: Pick<StorageServiceConfig, "maxNetworkChannelSize" | "maxNetworkChannelSizePerPeer">;
  /** Of each address that is not trusted; without entries of 0. */
  readonly #takenBy = new Map<string, number>();
  #taken = 0;

  /** @param config How many places there are. */
  constructor(config: Pick<StorageServiceConfig, "maxNetworkChannelSize" | "maxNetworkChannelSizePerPeer">) {
    this.#config = config;
  }

  /** Places that are taken. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Whether there is one for a requester. For those whom the operator trusts there always is, or others could shut them out;
   * those without an address have no share of their own.
   */
  isFor({ address, trusted }: Requester): boolean {
    if (trusted) return true;
    const { maxNetworkChannelSize, maxNetworkChannelSizePerPeer } = this.#config;
    if (this.#taken >= maxNetworkChannelSize) return false;
    return address === undefined || (this.#takenBy.get(address) ?? 0) < maxNetworkChannelSizePerPeer;
  }

  /** Takes a place. */
  take(requester: Requester): void {
    this.#count(requester, 1);
  }

  /** Gives it back. */
  leave(requester: Requester): void {
    this.#count(requester, -1);
  }

  #count({ address, trusted }: Requester, by: 1 | -1): void {
    this.#taken += by;
    if (address === undefined || trusted) return;
    const count = (this.#takenBy.get(address) ?? 0) + by;
    if (count === 0) this.#takenBy.delete(address);
    else this.#takenBy.set(address, count);
  }
}
