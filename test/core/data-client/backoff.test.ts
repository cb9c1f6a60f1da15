import { describe, expect, it } from "vitest";
import { responseTimeoutMs, retryDelayMs } from "../../../core/data-client/backoff.ts";
import { DEFAULT_DATA_CLIENT_CONFIG } from "../../../core/data-client/config.ts";

describe("backoff", () => {
  it("doubles with each round, between once and twice the delay, up to the ceiling", () => {
    expect([1, 2, 3, 4].map((round) => retryDelayMs(DEFAULT_DATA_CLIENT_CONFIG, round, 0))).toEqual([
      200,
      400,
      800,
      1600,
    ]);
    expect(retryDelayMs(DEFAULT_DATA_CLIENT_CONFIG, 1, 0.999)).toBe(400);
    expect(retryDelayMs(DEFAULT_DATA_CLIENT_CONFIG, 40, 0.5)).toBe(10_000);
  });

  it("gives answers 10, 20, 40, 60, 60 seconds", () => {
    const seconds = [0, 1, 2, 3, 4].map((round) => responseTimeoutMs(DEFAULT_DATA_CLIENT_CONFIG, round) / 1000);
    expect(seconds).toEqual([10, 20, 40, 60, 60]);
  });
});
