import { describe, expect, it } from "vitest";
import {
  decodeParameters,
  DEFAULT_DEVNET_PARAMETERS,
  type DevnetParameters,
  devnetParameters,
  encodeParameters,
  poolCount,
} from "../../../adapters/devnet/parameters.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

describe("devnetParameters", () => {
  it("fills in what is not given", () => {
    expect(devnetParameters({ seed: 5n })).toEqual({ ...DEFAULT_DEVNET_PARAMETERS, seed: 5n });
  });

  it.each<Partial<DevnetParameters>>([
    { seed: -1n },
    { seed: 2n ** 64n },
    { accounts: -1 },
    { accounts: 10_000_001 },
    { accounts: 1.5 },
    { transactionsPerBlock: -1 },
    { transactionsPerBlock: 10_001 },
    { epochBlocks: 0 },
    { validators: 0 },
    { validators: 101 },
    { genesisTimeMs: Number.NaN },
    { blockIntervalMs: 0 },
  ])("refuses %o", (given) => {
    expectSyncError(() => devnetParameters(given), "INVALID_ARGUMENT");
  });

  it("come back as they were written, also the largest", () => {
    const parameters = devnetParameters({
      seed: 2n ** 64n - 1n,
      accounts: 10_000_000,
      transactionsPerBlock: 10_000,
      epochBlocks: 2 ** 32,
      validators: 100,
      genesisTimeMs: 2 ** 43,
      blockIntervalMs: 2 ** 31,
    });
    expect(decodeParameters(encodeParameters(parameters))).toEqual(parameters);
  });

  it("refuses parameters that a chain could not have been built with", () => {
    const bytes = encodeParameters(DEFAULT_DEVNET_PARAMETERS);
    bytes.fill(0xff, 8, 16);
    expectSyncError(() => decodeParameters(bytes), "INVALID_ARGUMENT");
    expectSyncError(() => decodeParameters(bytes.subarray(1)), "MALFORMED_BCS");
  });
});

describe("poolCount", () => {
  it.each([[1, 2], [4, 5], [5, 7], [100, 125]])("is for %d validators %d", (validators, pools) => {
    expect(poolCount(devnetParameters({ validators }))).toBe(pools);
  });
});
