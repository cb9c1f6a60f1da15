/**
 * The base URL of a peer, as operators write it down.
 *
 * @module
 */

/** What a text is: a URL, without a slash at its end, or what it would have to be to be one. */
export type PeerUrl = { readonly url: string } | { readonly mustBe: string };

/** Reads the base URL of a peer. */
export function parsePeerUrl(text: string): PeerUrl {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.search !== "" || url.hash !== "") {
    return { mustBe: "an http or https URL without query and fragment" };
  }
  // A server tells everyone of its peers, and `fetch` takes no such URL.
  if (url.username !== "" || url.password !== "") return { mustBe: "a URL without user name and password" };
  return { url: url.href.replace(/\/+$/, "") };
}
