/**
 * Real chain data in tests, in any runtime: the bytes come from the folder that `VELOR_TEST_DATA` names, read in Node by
 * the test runner. Imports no `node:` module.
 *
 * @module
 */

import { inject } from "vitest";
import type { ProvidedRealData } from "./real-data-source.ts";

declare module "vitest" {
  interface ProvidedContext {
    realData: ProvidedRealData;
  }
}

const provided: ProvidedRealData = inject("realData");

/** Whether the real data is there. Suites that need it: `describe.skipIf(!hasRealData)`. */
export const hasRealData: boolean = provided.names.length > 0;

/** Why it is not there; `undefined` when it is. */
export const realDataReason: string | undefined = provided.reason;

/** Whether its absence is a failure (`CI=true`). */
export const realDataRequired: boolean = provided.required;

/** Names of all files, such as `genesis/mainnet.blob`. */
export const realDataNames: readonly string[] = provided.names;

/**
 * The bytes of one file, fresh at each call.
 *
 * @param name Path inside the folder, such as `genesis/mainnet.blob`.
 * @throws {Error} If there is no such file.
 */
export async function realData(name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!provided.names.includes(name)) throw new Error(`No real data file is named ${name}`);
  const specifier = `/@velor-real-data/${name}.js`;
  const module: { readonly default: string } = await import(/* @vite-ignore */ specifier);
  return Uint8Array.from(atob(module.default), (character) => character.charCodeAt(0));
}
