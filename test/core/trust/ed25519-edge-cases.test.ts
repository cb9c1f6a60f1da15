import { describe, expect, it } from "vitest";
import type { Ed25519Subtle } from "../../../core/ports/signatures.ts";
import type { Ed25519Equation } from "../../../core/trust/ed25519-acceptance.ts";
import { createNobleEd25519 } from "../../../core/trust/ed25519-noble.ts";
import { createWebCryptoEd25519 } from "../../../core/trust/ed25519-webcrypto.ts";
import { runEd25519Table, runEd25519TableWith } from "../../helpers/ed25519-table.ts";
import { makeEd25519EdgeCases } from "../../vectors/ed25519-cases.ts";
import table from "../../vectors/ed25519-edge-cases.json" with { type: "json" };

const { subtle } = (globalThis as unknown as { crypto: { subtle: Ed25519Subtle } }).crypto;

describe("Ed25519 edge cases", () => {
  it("come out as the table says, with WebCrypto and with the fallback", async () => {
    const verdicts = await runEd25519Table(subtle);
    expect(verdicts).toHaveLength(table.length);
    expect(verdicts.filter(({ expected, webcrypto, fallback }) => webcrypto !== expected || fallback !== expected))
      .toEqual([]);
  });

  it("are decided by the runtime's own WebCrypto, which answers for every acceptable key on the curve", async () => {
    const asked: string[] = [];
    const counted: Ed25519Equation = {
      holds: (publicKey) => {
        asked.push(publicKey.join());
        return Promise.resolve(false);
      },
    };
    const verdicts = await runEd25519TableWith(createWebCryptoEd25519(subtle, counted), createNobleEd25519());
    const wrong = verdicts.filter(({ expected, webcrypto }) => webcrypto !== expected);
    expect(wrong).toEqual([]);
    // A runtime may refuse to import a key that is no point; nothing else may need the fallback.
    expect(asked.length).toBeLessThanOrEqual(
      verdicts.filter(({ name }) => name.startsWith("A off the curve")).length + 1,
    );
  });

  it("hold the cases that tell strict verifiers from lax ones, accepted ones among them", () => {
    const accepted = table.filter(({ expected }) => expected).map(({ name }) => name);
    expect(accepted).toContain("mixed A and R that cancel: holds without the cofactor");
    expect(accepted.filter((name) => name.startsWith("rfc8032"))).toHaveLength(3);
    expect(table.filter(({ name }) => name.includes("small order")).length).toBeGreaterThanOrEqual(16);
    expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
  });

  it("are the ones that the generator makes", () => {
    expect(table).toEqual(makeEd25519EdgeCases());
  });
});
