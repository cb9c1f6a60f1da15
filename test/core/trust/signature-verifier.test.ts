import { describe, expect, it } from "vitest";
import { createNobleBls12381 } from "../../../core/trust/bls12381-noble.ts";
import { createNobleEd25519 } from "../../../core/trust/ed25519-noble.ts";
import { createWebCryptoEd25519 } from "../../../core/trust/ed25519-webcrypto.ts";
import { createSignatureVerifier } from "../../../core/trust/signature-verifier.ts";
import { refusal } from "../../helpers/trust-context.ts";

const MESSAGE = Uint8Array.of(1, 2, 3);

describe("signature verifier", () => {
  it("says plainly what it was built without", async () => {
    const onlyBls = createSignatureVerifier({ bls12381: createNobleBls12381() });
    const onlyEd25519 = createSignatureVerifier({ ed25519: createNobleEd25519() });
    await expect(onlyBls.verifyEd25519(MESSAGE, [])).rejects.toMatchObject(refusal("UNSUPPORTED"));
    await expect(onlyEd25519.verifyBls12381(MESSAGE, [], new Uint8Array(96))).rejects.toMatchObject(
      refusal("UNSUPPORTED"),
    );
  });

  it("asks the backend nothing where the acceptance rules refuse", async () => {
    let asked = 0;
    const verifier = createSignatureVerifier({ ed25519: { holds: () => Promise.resolve(++asked > 0) } });
    const claim = { publicKey: new Uint8Array(32), signature: new Uint8Array(64) };
    expect(await verifier.verifyEd25519(MESSAGE, [claim])).toBe(false);
    expect(asked).toBe(0);
  });

  it("lets the fallback decide where WebCrypto throws", async () => {
    const broken = {
      importKey: () => Promise.reject(new Error("no Ed25519 here")),
      verify: () => Promise.reject(new Error("no Ed25519 here")),
    };
    for (const verdict of [true, false]) {
      const backend = createWebCryptoEd25519(broken, { holds: () => Promise.resolve(verdict) });
      expect(await backend.holds(new Uint8Array(32), new Uint8Array(64), MESSAGE)).toBe(verdict);
    }
  });
});
