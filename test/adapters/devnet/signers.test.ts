import { describe, expect, it } from "vitest";
import { createAccounts } from "../../../adapters/devnet/accounts.ts";
import { createNobleSigner } from "../../../adapters/devnet/ed25519-signer.ts";
import { createNodeSigner } from "../../../adapters/devnet/node-ed25519-signer.ts";
import { decodeHex, encodeHex } from "../../../core/bytes/hex.ts";
import { VELOR, VERIFIER } from "../../helpers/trust-context.ts";

const SIGNERS = [["noble", createNobleSigner()], ["node", createNodeSigner()]] as const;

describe.each(SIGNERS)("the %s signer", (_, signer) => {
  it("signs as RFC 8032 §7.1 says", () => {
    const privateKey = decodeHex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
    expect(encodeHex(signer.publicKey(privateKey))).toBe(
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    );
    expect(encodeHex(signer.sign(privateKey, decodeHex("af82")))).toBe(
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    );
  });

  it("gives the same keys and signatures as the other, which verify", async () => {
    const other = SIGNERS.find(([, candidate]) => candidate !== signer)?.[1] ?? signer;
    for (let i = 0; i < 20; i++) {
      const privateKey = Uint8Array.from({ length: 32 }, (_byte, at) => (i * 37 + at * 11) & 255);
      const message = new Uint8Array(i * 13).fill(i);
      const [publicKey, signature] = [signer.publicKey(privateKey), signer.sign(privateKey, message)];
      expect(publicKey).toEqual(other.publicKey(privateKey));
      expect(signature).toEqual(other.sign(privateKey, message));
      expect(await VERIFIER.verifyEd25519(message, [{ publicKey, signature }])).toBe(true);
    }
  });
});

describe("accounts", () => {
  it("are decided by seed, role and index, whoever signs", () => {
    const accounts = createAccounts(VELOR, 1n, createNobleSigner());
    const user = accounts.account("user", 5);
    expect(createAccounts(VELOR, 1n, createNodeSigner()).account("user", 5)).toEqual(user);
    const others = [
      accounts.account("user", 6),
      accounts.account("operator", 5),
      createAccounts(VELOR, 2n, createNobleSigner()).account("user", 5),
    ];
    for (const other of others) expect(other.address).not.toEqual(user.address);
  });
});
