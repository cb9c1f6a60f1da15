/**
 * Who asks, as far as a server can tell.
 *
 * @module
 */

/** Who asks. What stands for the peer and its network in the reference. */
export interface Requester {
  /**
   * Client address, as the adapter trusts it: an IPv4 address, or the /64 of an IPv6 address. Absent where there is no
   * trustworthy one: such requesters share one rate limit, and nobody is ever ignored for what another did.
   */
  readonly address?: string;
  /** On the operator's allow-list: counted like everyone, never ignored, and refused only for want of memory or connections. */
  readonly trusted: boolean;
}

/** Somebody about whom nothing is known. */
export const UNKNOWN_REQUESTER: Requester = { trusted: false };
