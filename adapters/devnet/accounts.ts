/**
 * The devnet's accounts: keys that the seed decides, and their addresses.
 *
 * @module
 */
import { utf8Bytes } from "../../core/bytes/bytes.ts";
import { encodeBcs } from "../../core/chain/bcs.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { Ed25519Signer } from "./ed25519-signer.ts";

/** Scheme byte at the end of what an authentication key hashes: one Ed25519 key. */
const ED25519_SCHEME = 0;
const NO_SEED = new Uint8Array(0);
/** Accounts whose keys are kept at a time: about 300 bytes each. */
const MAX_KEPT_ACCOUNTS = 100_000;

/** Who can sign transactions. */
export interface Account {
  /** 32-byte address. */
  readonly address: Uint8Array;
  /** 32-byte Ed25519 private key. */
  readonly privateKey: Uint8Array;
  /** 32-byte Ed25519 public key. */
  readonly publicKey: Uint8Array;
}

/** Derives accounts on demand. Keeps a bounded number of them. */
export interface Accounts {
  /**
   * Account `index` of a role; keys of different roles never coincide. Its address is its authentication key, except that
   * the treasury's key signs for an address of its own.
   */
  account(role: "treasury" | "operator" | "user", index: number): Account;
}

/** Creates the accounts of the devnet with this seed. */
export function createAccounts(context: ChainContext, seed: bigint, signer: Ed25519Signer): Accounts {
  const known = new Map<string, Account>();
  return {
    account(role, index) {
      const name = `${role} ${index}`;
      const kept = known.get(name);
      if (kept !== undefined) return kept;
      const privateKey = deriveSecret(context, seed, name);
      const publicKey = signer.publicKey(privateKey);
      const account = { address: authenticationKey(context, publicKey), privateKey, publicKey };
      if (known.size >= MAX_KEPT_ACCOUNTS) known.clear();
      known.set(name, account);
      return account;
    },
  };
}

/** 32-byte authentication key of a single Ed25519 key: SHA3-256(key ‖ 0). Also the address of an account born with it. */
export function authenticationKey(context: ChainContext, publicKey: Uint8Array): Uint8Array {
  const preimage = new Uint8Array(publicKey.length + 1);
  preimage.set(publicKey);
  preimage[publicKey.length] = ED25519_SCHEME;
  return context.hasher.hash(NO_SEED, preimage);
}

/**
 * 32 bytes that the seed and a name decide: private keys, and what draws of random numbers start from.
 *
 * @param name Names what the bytes are for; each use has a name of its own.
 */
export function deriveSecret(context: ChainContext, seed: bigint, name: string): Uint8Array {
  const preimage = encodeBcs((writer) => writer.text("devnet").u64(seed).text(name));
  return context.hasher.hash(utf8Bytes(context.profile.seedPrefix), preimage);
}
