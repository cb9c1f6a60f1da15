/**
 * Who a client is, as far as its address can be trusted.
 *
 * A runtime knows the address of the socket and hands it to the application beside each request:
 * - Node: `serve({ fetch: (request, { incoming }) => app.fetch(request, { socketAddress: incoming.socket.remoteAddress }) })`
 * - Deno: `Deno.serve((request, { remoteAddr }) => app.fetch(request, { socketAddress: remoteAddr.hostname }))`
 * - Workers have no socket: their edge writes the header `CF-Connecting-IP` over whatever a client sent.
 *
 * One host has 2^64 addresses of IPv6, so these count by their /64; IPv4 written as IPv6 counts as IPv4.
 *
 * @module
 */
import ipaddr from "ipaddr.js";
import { SyncError } from "../../core/errors.ts";
import { type Log, SILENT_LOG } from "../../core/ports/log.ts";
import { type Requester, UNKNOWN_REQUESTER } from "../../core/storage-service/requester.ts";

/** What the runtime knows of the connection that a request came by. */
export interface ClientConnection {
  /** Address of the other end of the socket, as the runtime writes it; absent where there is none. */
  readonly socketAddress?: string | undefined;
  /** Calls `then` when the answer to this request was sent or its client is gone; absent where nobody knows when. */
  readonly whenSent?: (then: () => void) => void;
}

/** Tells who asks. Must not throw. `header` gives the value of a header of the request, by its name in lower case. */
export type RequesterOf = (connection: ClientConnection, header: (name: string) => string | undefined) => Requester;

/** Whom to believe. Ranges are addresses or CIDR ranges, such as `10.0.0.0/8`. */
export interface ClientAddressOptions {
  /**
   * The header in which a proxy names its client, such as `X-Forwarded-For`: addresses, with a port or without, parted by
   * commas. Of several, the last one that is no trusted proxy counts: what stands before it was written by who knows whom.
   * Not `Forwarded`, which has a syntax of its own (RFC 7239).
   */
  readonly clientAddressHeader?: string;
  /**
   * Ranges of the proxies that are believed; `"platform"` where every request comes through the platform's own edge, and
   * there may be no socket.
   *
   * @default {[]}
   */
  readonly trustedProxies?: readonly string[] | "platform";
  /** Ranges of the operator's own clients: never ignored, limited by memory alone. @default {[]} */
  readonly trustedPeers?: readonly string[];
}

/** The longest address has 45 characters, and a zone. What is longer is none, and must not be remembered. */
const MAX_ADDRESS_LENGTH = 64;
/** Addresses whose meaning is remembered; a few megabytes. */
const MAX_REMEMBERED = 10_000;
/** An IPv6 address counts by its first four groups of 16 bits. */
const NETWORK_GROUPS = 4;
/** Bits of an IPv6 address before the IPv4 address that it stands for. */
const MAPPED_PREFIX_BITS = 96;
/** What some proxies write: an IPv4 address with a port, or an IPv6 address in brackets, with a port or without. */
const WITH_PORT = /^(?:([0-9.]+):[0-9]{1,5}|\[([^\]]*)\](?::[0-9]{1,5})?)$/;

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [network: Address, prefixBits: number];

/** What an address means here. */
interface Meaning {
  readonly requester: Requester;
  readonly isProxy: boolean;
}

/**
 * Creates the rule that tells who asks.
 *
 * @param log Told once if a trusted proxy names nobody: then nobody can be ignored.
 * @throws {SyncError} `INVALID_ARGUMENT` if something is neither an address nor a CIDR range, or the header is `Forwarded`.
 */
export function createRequesterOf(options: ClientAddressOptions, log: Log = SILENT_LOG): RequesterOf {
  const { clientAddressHeader, trustedProxies = [], trustedPeers = [] } = options;
  const meaningOf = createMeanings(trustedProxies === "platform" ? [] : trustedProxies, trustedPeers);
  const headerName = clientAddressHeader?.toLowerCase();
  assertReadable(headerName);
  let isTold = false;
  const nameless = (proxy: string | undefined): Requester => {
    if (!isTold) log.warn(NAMELESS_MESSAGE, { header: clientAddressHeader, proxy });
    isTold = true;
    return UNKNOWN_REQUESTER;
  };
  return ({ socketAddress }, header) => {
    const atSocket = socketAddress === undefined ? undefined : meaningOf(socketAddress);
    const isProxied = trustedProxies === "platform" || atSocket?.isProxy === true;
    if (headerName === undefined || !isProxied) return atSocket?.requester ?? UNKNOWN_REQUESTER;
    return forwardedRequester(header(headerName) ?? "", meaningOf) ?? nameless(atSocket?.requester.address);
  };
}

const NAMELESS_MESSAGE =
  "a trusted proxy names no client: all such requests count as one client, which is never ignored";

function assertReadable(headerName: string | undefined): void {
  if (headerName !== "forwarded") return;
  throw new SyncError(
    "INVALID_ARGUMENT",
    "Cannot read clients from the header Forwarded (RFC 7239): it is one of bare addresses such as X-Forwarded-For",
  );
}

/** The last address of the header that is no trusted proxy; the first one if all are. */
function forwardedRequester(
  value: string,
  meaningOf: (text: string) => Meaning | undefined,
): Requester | undefined {
  let requester: Requester | undefined;
  for (const text of value.split(",").reverse()) {
    const meaning = meaningOf(withoutPort(text.trim()));
    // A proxy that writes anything else cannot be followed further back.
    if (meaning === undefined) return undefined;
    requester = meaning.requester;
    if (!meaning.isProxy) break;
  }
  return requester;
}

function withoutPort(text: string): string {
  const [, ipv4, ipv6] = WITH_PORT.exec(text) ?? [];
  return ipv4 ?? ipv6 ?? text;
}

/** Parsing takes longer than answering from a cache, and clients come back: what was found is remembered. */
function createMeanings(
  trustedProxies: readonly string[],
  trustedPeers: readonly string[],
): (text: string) => Meaning | undefined {
  const proxies = trustedProxies.map(rangeOf);
  const peers = trustedPeers.map(rangeOf);
  const remembered = new Map<string, Meaning>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const address = addressOf(text);
    if (address === undefined) return undefined;
    const meaning = {
      requester: { address: countedAs(address), trusted: isWithin(address, peers) },
      isProxy: isWithin(address, proxies),
    };
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(text, meaning);
    return meaning;
  };
}

/** An address as it is usually written. `ipaddr.js` would also take `0x7f.1`, which no socket and no proxy writes. */
function addressOf(text: string): Address | undefined {
  if (text.length > MAX_ADDRESS_LENGTH) return undefined;
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.process(text) : undefined;
}

function countedAs(address: Address): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, NETWORK_GROUPS).map((group) => group.toString(16));
  return `${network.join(":")}::/64`;
}

function isWithin(address: Address, ranges: readonly Range[]): boolean {
  return ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

function rangeOf(text: string): Range {
  const address = addressOf(text);
  if (address !== undefined) return [address, address instanceof ipaddr.IPv4 ? 32 : 128];
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text) && !ipaddr.IPv6.isValidCIDR(text)) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot trust ${text}: it is an address or a CIDR range such as 10.0.0.0/8`,
    );
  }
  const [network, bits] = ipaddr.parseCIDR(text);
  const isMapped = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && bits >= MAPPED_PREFIX_BITS;
  return isMapped ? [network.toIPv4Address(), bits - MAPPED_PREFIX_BITS] : [network, bits];
}
