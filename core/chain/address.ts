/**
 * Account addresses: 32 raw bytes.
 *
 * @module
 */

/** Length of an account address, in bytes. */
export const ADDRESS_BYTES = 32;

/** 32-byte address `0x1`, the home of the framework. */
export const FRAMEWORK_ADDRESS: Uint8Array = /* @__PURE__ */ new Uint8Array(ADDRESS_BYTES).fill(1, ADDRESS_BYTES - 1);
