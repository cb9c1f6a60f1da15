/**
 * Whether tests that sample by default try everything: `VELOR_EXHAUSTIVE=1`. Always false where there is no environment.
 *
 * @module
 */

const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } };

/** Set by `VELOR_EXHAUSTIVE=1`. */
export const exhaustive: boolean = process?.env?.["VELOR_EXHAUSTIVE"] === "1";
