import { beforeAll, describe, expect, it } from "vitest";
import { TIMESTAMP } from "../../../adapters/devnet/framework-resources.ts";
import { FRAMEWORK_ADDRESS } from "../../../core/chain/address.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { encodeStateKey, hashStateKey, resourceStateKey, type StateKey } from "../../../core/chain/state-key.ts";
import { decodeStateValue, encodeStateValue } from "../../../core/chain/state-value.ts";
import { decodeEpochEndings, decodeStateAnswer, type StateAnswer } from "../../../core/light-client/answers.ts";
import { verifyStateRead } from "../../../core/light-client/verified-read.ts";
import { ratchet, type RatchetResult } from "../../../core/trust/ratchet.ts";
import type { TrustedState } from "../../../core/trust/trusted-state.ts";
import { decodeResponse, encodeResponse, type StateValuesByKeyHash } from "../../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { type AskHttp, askOf, serverOf } from "../../helpers/http-world.ts";
import { VELOR, VERIFIER } from "../../helpers/trust-context.ts";

const MAX_BYTES = { maxBytes: 1 << 20 };

const hashOf = (key: StateKey) => hashStateKey(VELOR, encodeStateKey(key));
const CLOCK = hashOf(resourceStateKey(FRAMEWORK_ADDRESS, TIMESTAMP.tag));
const NOTHING = hashOf({ kind: "raw", key: new Uint8Array([1, 2, 3]) });

let world: DevnetWorld;
let ask: AskHttp;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 10 });
  // One epoch at a time, so that a page has to ask more than once.
  ask = askOf(world, { server: serverOf(world, { maxEpochChunkSize: 1 }) });
});

async function get(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(path)).arrayBuffer());
}

async function read(keyHash: Uint8Array): Promise<StateAnswer> {
  return decodeStateAnswer(VELOR, await get(`/v1/state/latest/${encodeHex(keyHash)}`), keyHash);
}

/** From the waypoint to the ledger info of an answer, as a page does it. */
async function trust({ ledgerInfo: latest }: StateAnswer): Promise<RatchetResult> {
  let trustedState: TrustedState = { kind: "epochWaypoint", waypoint: world.waypoint };
  const lastEpoch = latest.ledgerInfo.commitInfo.epoch - 1n;
  for (let firstEpoch = 0n;;) {
    const epochChangeProof = decodeEpochEndings(await get(`/v1/epochs/${firstEpoch}-${lastEpoch}`), VELOR.profile);
    const result = await ratchet(VELOR, trustedState, { latest, epochChangeProof }, VERIFIER);
    if (!epochChangeProof.more) return result;
    ({ trustedState, epoch: firstEpoch } = result);
  }
}

async function prove(answer: StateAnswer) {
  const { ledgerInfo } = await trust(answer);
  return verifyStateRead(VELOR, ledgerInfo!, answer.claim);
}

/** The answer about the clock with something else in it. */
async function changed(change: (answer: StateValuesByKeyHash) => Partial<StateValuesByKeyHash>): Promise<Uint8Array> {
  const { response } = decodeResponse(await get(`/v1/state/latest/${encodeHex(CLOCK)}`), MAX_BYTES);
  const answer = response as StateValuesByKeyHash;
  return encodeResponse(new Uint8Array(32), { ...answer, ...change(answer) });
}

describe("a state value over HTTP", () => {
  it("is proven from the waypoint, epoch after epoch", async () => {
    const answer = await read(CLOCK);
    const { commitInfo } = answer.ledgerInfo.ledgerInfo;
    expect(commitInfo.epoch).toBeGreaterThan(2n);
    expect(await prove(answer)).toMatchObject({ version: commitInfo.version, keyHash: CLOCK });
    expect(TIMESTAMP.decode(decodeStateValue(answer.value!).data)).toBe(commitInfo.timestampUsecs);
  });

  it("is proven to be absent where the key has none", async () => {
    const answer = await read(NOTHING);
    expect(answer.value).toBeUndefined();
    expect(await prove(answer)).toMatchObject({ keyHash: NOTHING, valueHash: undefined });
  });

  it("is refused where the peer changed it", async () => {
    const data = TIMESTAMP.encode(1n);
    const frame = await changed(({ values: [item] }) => ({
      values: [{ ...item!, stateValue: encodeStateValue({ ...decodeStateValue(item!.stateValue!), data }) }],
    }));
    const answer = decodeStateAnswer(VELOR, frame, CLOCK);
    expect(TIMESTAMP.decode(decodeStateValue(answer.value!).data)).toBe(1n);
    await expect(prove(answer)).rejects.toMatchObject({ code: "PROOF_MISMATCH" });
  });
});

describe("an answer to something else", () => {
  it("is refused", async () => {
    const ofClock = await changed(() => ({}));
    expectSyncError(() => decodeStateAnswer(VELOR, ofClock, NOTHING), "RESPONSE_MISMATCH");
    const twice = await changed(({ values: [item] }) => ({ values: [item!, item!] }));
    expectSyncError(() => decodeStateAnswer(VELOR, twice, CLOCK), "RESPONSE_MISMATCH");
    const none = await changed(() => ({ values: [] }));
    expectSyncError(() => decodeStateAnswer(VELOR, none, CLOCK), "RESPONSE_MISMATCH");
    expectSyncError(() => decodeEpochEndings(ofClock, VELOR.profile), "RESPONSE_MISMATCH");
  });

  it("is told by the code that the peer gave, where it is an error", async () => {
    const frame = await get(`/v1/state/999999/${encodeHex(CLOCK)}@999999`);
    expectSyncError(() => decodeStateAnswer(VELOR, frame, CLOCK), "NOT_SERVICEABLE");
    const epochs = await get("/v1/epochs/900-901");
    expectSyncError(() => decodeEpochEndings(epochs, VELOR.profile), "NOT_SERVICEABLE");
  });

  it("is refused where the value is not a canonical one", async () => {
    const frame = await changed(({ values: [item] }) => ({ values: [{ ...item!, stateValue: new Uint8Array([9]) }] }));
    expectSyncError(() => decodeStateAnswer(VELOR, frame, CLOCK), "MALFORMED_BCS");
  });
});
