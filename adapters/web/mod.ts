/**
 * The ports of a platform from web globals alone: Node, Deno, workerd and browsers.
 *
 * @module
 */
export { createWebClock } from "./web-clock.ts";
export { createWebRandom } from "./web-random.ts";
export { createWebSignatureVerifier } from "./web-signatures.ts";
