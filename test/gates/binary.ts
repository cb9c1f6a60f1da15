/**
 * Where the tools are, whatever PATH says.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** Path of a program that `npm install` put into the checkout. */
export function binary(name: string): string {
  return fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
}
