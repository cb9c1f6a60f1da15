import { beforeAll, describe, expect, it } from "vitest";
import { createDirectTransport } from "../../adapters/memory/direct-transport.ts";
import { createMemoryKv } from "../../adapters/memory/memory-kv.ts";
import { columnItems, encodeColumn } from "../../core/bytes/column.ts";
import {
  createLedgerInfoWithSignatures,
  decodeLedgerInfoWithSignatures,
  type LedgerInfoWithSignatures,
} from "../../core/chain/ledger-info.ts";
import type { SyncReport } from "../../core/driver/report.ts";
import { isSyncError, SyncError, type SyncErrorCode } from "../../core/errors.ts";
import type { Transport } from "../../core/ports/transport.ts";
import { encodeError } from "../../core/wire/error-frame.ts";
import type { DataRequest } from "../../core/wire/request-types.ts";
import { decodeResponse, encodeResponse } from "../../core/wire/response.ts";
import type { DataResponse, TransactionDataList } from "../../core/wire/response-types.ts";
import type { DataSummary } from "../../core/wire/summary.ts";
import { buildDevnetWorld, type DevnetWorld, ledgerSummary, serveWorld, setUpSync } from "../helpers/devnet-world.ts";
import { type Lie, withLiar } from "../helpers/lying-transport.ts";
import { withMemory } from "../helpers/memoized-verifier.ts";
import { VERIFIER } from "../helpers/trust-context.ts";

const LIAR = "http://liar";
const HONEST = "http://honest";
const MAX_U64 = 2n ** 64n - 1n;
const SMALL = { accounts: 3, transactionsPerBlock: 2, epochBlocks: 2 };

/** How much of the chain is in the store at the end. */
type Reached = "nothing" | "genesis" | "the last ended epoch" | "the head";

/** A lie about the content of an answer: the decoded answer in, another one out. */
function lieAbout(change: (answer: DataResponse, request: DataRequest) => DataResponse): Lie {
  return (frame, request) => {
    const { chain, response } = decodeResponse(frame, { maxBytes: frame.length });
    return response === undefined ? frame : encodeResponse(chain, change(response, request));
  };
}

/** A lie about what the peer holds. */
function lieAboutSummary(change: (summary: DataSummary) => DataSummary): Lie {
  return lieAbout((answer) => {
    if (answer.kind !== "storageServerSummary") return answer;
    return { ...answer, summary: { ...answer.summary, dataSummary: change(answer.summary.dataSummary) } };
  });
}

/** A lie about outputs after genesis. */
function lieAboutOutputs(change: (list: TransactionDataList) => TransactionDataList): Lie {
  return lieAbout((answer) => {
    if (answer.kind !== "transactionDataWithProof" || answer.data.firstVersion === 0n) return answer;
    return { ...answer, data: change(answer.data) };
  });
}

/** Fails every request for outputs, or for epochs. */
function withholding(kind: DataRequest["kind"], code: SyncErrorCode): Lie {
  return (frame, request) => {
    if (request.kind === kind) throw new SyncError(code, "Cannot answer");
    return frame;
  };
}

describe("peers that lie, withhold or fail", () => {
  const signatureVerifier = withMemory(VERIFIER);
  let world: DevnetWorld;
  let older: DevnetWorld;
  let expected: Record<string, unknown>;
  let transport: Transport;
  let requests: { peer: string; request: DataRequest }[] = [];

  beforeAll(async () => {
    world = await buildDevnetWorld({ blocks: 7, parameters: SMALL });
    older = await buildDevnetWorld({ blocks: 4, parameters: SMALL });
    expected = await ledgerSummary(world.context, world.ledger);
    const services = new Map([LIAR, HONEST].map((url) => [url, serveWorld(world)]));
    services.set("http://older", serveWorld(older));
    transport = createDirectTransport(services, (peer, request) => requests.push({ peer, request }));
  });

  async function sync(lie: Lie, peers: readonly string[], through: Transport = transport) {
    requests = [];
    const setup = await setUpSync({
      world,
      transport: withLiar(through, LIAR, lie),
      peers,
      kv: createMemoryKv(),
      driver: { signatureVerifier },
    });
    let report: SyncReport | undefined;
    let error: unknown;
    try {
      report = await setup.driver.run();
    } catch (thrown) {
      error = thrown;
    }
    const { accumulator } = await setup.ledger.progress();
    expect(accumulator).toEqual(await world.ledger.accumulatorAt(accumulator.leafCount));
    return { ...setup, report, error };
  }

  const allEpochs = lieAboutSummary((summary) => ({
    ...summary,
    epochEndingLedgerInfos: { lowest: 0n, highest: MAX_U64 - 1n },
  }));
  const LIES = {
    "advertises all epochs there can be": allEpochs,
    "advertises all versions there can be": lieAboutSummary((summary) => {
      const all = { lowest: 0n, highest: MAX_U64 - 1n };
      return { ...summary, states: all, transactions: all, transactionOutputs: all };
    }),
    "advertises nothing": lieAboutSummary(() => ({})),
    "advertises ranges without a ledger info": lieAboutSummary(({ syncedLedgerInfo: _, ...ranges }) => ranges),
    "advertises a head that nobody signed": lieAboutSummary((summary) => ({
      ...summary,
      syncedLedgerInfo: forged(summary.syncedLedgerInfo as Uint8Array, 1n),
    })),
    "advertises a head in the far future": lieAboutSummary((summary) => ({
      ...summary,
      syncedLedgerInfo: forged(summary.syncedLedgerInfo as Uint8Array, 2n ** 60n),
    })),
    "advertises a head of a far later epoch": lieAboutSummary((summary) => ({
      ...summary,
      syncedLedgerInfo: forged(summary.syncedLedgerInfo as Uint8Array, 1n, 2n ** 60n),
    })),
    "serves no epochs": withholding("getEpochEndingLedgerInfos", "NOT_SERVICEABLE"),
    "serves no outputs": withholding("getTransactionDataWithProof", "NOT_SERVICEABLE"),
    "says that outputs are pruned": withholding("getTransactionDataWithProof", "PRUNED"),
    "calls every request invalid": withholding("getTransactionDataWithProof", "INVALID_REQUEST"),
    "never answers for outputs": withholding("getTransactionDataWithProof", "REQUEST_TIMEOUT"),
    "never answers for epochs": withholding("getEpochEndingLedgerInfos", "REQUEST_TIMEOUT"),
    "never answers for epochs and says it has more of them": (frame, request) =>
      withholding("getEpochEndingLedgerInfos", "REQUEST_TIMEOUT")(allEpochs(frame, request), request),
    "cannot be reached": () => {
      throw new SyncError("CONNECTION_FAILED", "Cannot reach");
    },
    "sends garbage": () => new Uint8Array([0x9f, 0xff]),
    "sends nothing": () => new Uint8Array(0),
    "sends deeply nested arrays": () => new Uint8Array(100_000).fill(0x81),
    "claims a length of 2^63 bytes": () =>
      new Uint8Array([0x84, 0x01, 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    "sends the frame twice": (frame) => new Uint8Array([...frame, ...frame]),
    "is of another chain": (frame) => frame.with(20, (frame[20] as number) ^ 1),
    "answers every request with the first answer": replay(),
  } satisfies Readonly<Record<string, Lie>>;
  type LieName = keyof typeof LIES;

  it.each(Object.keys(LIES) as LieName[])(
    "a peer that %s does not keep the driver from the head of an honest one",
    async (name) => {
      const { error, ledger } = await sync(LIES[name], [LIAR, HONEST]);
      expect(error).toBeUndefined();
      expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
      expect(requests.length).toBeLessThan(200);
    },
  );

  /** How far a run comes with one peer alone, and what it ends with: the fault of that peer, where it has to end early. */
  const ALONE: Readonly<Record<LieName, readonly [reached: Reached, code?: SyncErrorCode]>> = {
    // Everything was copied, and then the peer was asked for more epochs until it was ignored.
    "advertises all epochs there can be": ["the head", "NO_PEERS"],
    "advertises all versions there can be": ["the head"],
    "advertises nothing": ["nothing", "NO_PEERS"],
    "advertises ranges without a ledger info": ["nothing", "NO_PEERS"],
    "advertises a head that nobody signed": ["nothing", "SIGNATURE_MISMATCH"],
    "advertises a head in the far future": ["nothing", "SIGNATURE_MISMATCH"],
    // It cannot be judged; what the ended epochs prove is taken.
    "advertises a head of a far later epoch": ["the last ended epoch"],
    "serves no epochs": ["nothing", "NOT_SERVICEABLE"],
    "serves no outputs": ["nothing", "NOT_SERVICEABLE"],
    "says that outputs are pruned": ["nothing", "PRUNED"],
    "calls every request invalid": ["nothing", "INVALID_REQUEST"],
    "never answers for outputs": ["nothing", "REQUEST_TIMEOUT"],
    "never answers for epochs": ["nothing", "REQUEST_TIMEOUT"],
    "never answers for epochs and says it has more of them": ["nothing", "REQUEST_TIMEOUT"],
    "cannot be reached": ["nothing", "CONNECTION_FAILED"],
    "sends garbage": ["nothing", "MALFORMED_FRAME"],
    "sends nothing": ["nothing", "MALFORMED_FRAME"],
    "sends deeply nested arrays": ["nothing", "LIMIT_EXCEEDED"],
    "claims a length of 2^63 bytes": ["nothing", "MALFORMED_FRAME"],
    "sends the frame twice": ["nothing", "MALFORMED_FRAME"],
    "is of another chain": ["nothing", "WRONG_CHAIN"],
    "answers every request with the first answer": ["genesis", "RESPONSE_MISMATCH"],
  };

  it.each(Object.entries(ALONE).map(([name, [reached, code]]) => ({ name: name as LieName, reached, code })))(
    "a lone peer that $name ends the run in bounded time at $reached with $code",
    async ({ name, reached, code }) => {
      const { error, ledger } = await sync(LIES[name], [LIAR]);
      expect(isSyncError(error) ? error.code : error).toBe(code);
      expect((await ledger.progress()).preCommittedVersion).toBe(await versionOf(reached));
      expect(requests.length).toBeLessThan(200);
    },
  );

  async function versionOf(reached: Reached): Promise<bigint | undefined> {
    const { committedVersion, epochEndings } = await world.ledger.progress();
    if (reached === "nothing") return undefined;
    if (reached === "genesis") return 0n;
    if (reached === "the head") return committedVersion;
    const [ending] = await world.ledger.epochEndings(epochEndings?.lastEpoch as bigint, 1);
    return ending?.ledgerInfo.commitInfo.version;
  }

  it("takes the newest head that holds: a stale peer is no obstacle", async () => {
    const { ledger } = await sync((frame) => frame, ["http://older", HONEST]);
    expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
  });

  it("ends at the head of a lone stale peer, and does not go back when the store is ahead of it", async () => {
    const { ledger, report } = await sync((frame) => frame, ["http://older"]);
    expect(await ledgerSummary(world.context, ledger)).toEqual(await ledgerSummary(older.context, older.ledger));
    expect(report?.version).toBe((await older.ledger.progress()).committedVersion);
    const kv = createMemoryKv();
    const options = { world, transport, kv, driver: { signatureVerifier } };
    await (await setUpSync({ ...options, peers: [HONEST] })).driver.run();
    const behind = await setUpSync({ ...options, peers: ["http://older"] });
    expect((await behind.driver.run()).transactions).toBe(0n);
    expect(await ledgerSummary(world.context, behind.ledger)).toEqual(expected);
  });

  it("reaches the head of an honest peer that is behind one which offers a true head and serves nothing", async () => {
    for (const code of ["NOT_SERVICEABLE", "REQUEST_TIMEOUT", "MALFORMED_FRAME"] as const) {
      const lie = withholding("getTransactionDataWithProof", code);
      const { ledger, error } = await sync(lie, [LIAR, "http://older"]);
      expect(error).toBeUndefined();
      const { committedVersion } = await ledger.progress();
      expect(committedVersion).toBe((await older.ledger.progress()).committedVersion);
    }
  });

  it("waits for a peer that does not answer for a moment, rather than ending at an older head", async () => {
    let failures = 3;
    const blip: Lie = (frame, request) => {
      if (request.kind === "getTransactionDataWithProof" && request.firstVersion > 20n && failures-- > 0) {
        throw new SyncError("CONNECTION_FAILED", "Cannot reach");
      }
      return frame;
    };
    const { error, ledger } = await sync(blip, [LIAR, "http://older"]);
    expect(error).toBeUndefined();
    expect(failures).toBeLessThan(0);
    expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
  });

  it.each<[string, DataRequest["kind"]]>([
    ["every summary", "getStorageServerSummary"],
    ["every request for outputs", "getTransactionDataWithProof"],
  ])("follows on past a peer that refuses %s while the honest one is away", async (_, kind) => {
    for (const code of ["INVALID_REQUEST", "PRUNED", "TOO_LARGE"] as const) {
      let failures = 30;
      const away = withLiar(transport, HONEST, (frame) => {
        if (failures-- > 0) throw new SyncError("CONNECTION_FAILED", "Cannot reach");
        return frame;
      });
      const { driver } = await setUpSync({
        world,
        transport: withLiar(away, LIAR, withholding(kind, code)),
        peers: [LIAR, HONEST],
        kv: createMemoryKv(),
        driver: { signatureVerifier },
      });
      const { version } = await driver.run({ follow: true, untilVersion: 9n });
      expect(version).toBe(9n);
      expect(failures).toBeLessThan(0);
    }
  });

  it("goes on after answers that are cut to one item, every time", async () => {
    const transactions = Number((expected["committedVersion"] as bigint) + 1n);
    const one = lieAbout((answer) => {
      if (answer.kind !== "epochEndingLedgerInfos") return answer;
      return { ...answer, ledgerInfos: encodeColumn(columnItems(answer.ledgerInfos).slice(0, 1)) };
    });
    const short = createDirectTransport(
      new Map([[LIAR, serveWorld(world, { maxTransactionOutputChunkSize: 1 })]]),
      (peer, request) => requests.push({ peer, request }),
    );
    const { ledger, error } = await sync(one, [LIAR], short);
    expect(error).toBeUndefined();
    expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
    expect(requests.length).toBeLessThan(2 * transactions + 20);
  });

  it("accepts a head with a signature left out as long as a quorum is there, and none without", async () => {
    const leaveOut = (count: number) =>
      lieAboutSummary((summary) => ({
        ...summary,
        syncedLedgerInfo: withoutSignatures(summary.syncedLedgerInfo as Uint8Array, count),
      }));
    const head = decodeLedgerInfoWithSignatures(
      (await world.ledger.progress()).latestLedgerInfo?.bytes as Uint8Array,
      world.context.profile,
    );
    const signers = head.signatures.scheme === "ed25519" ? head.signatures.signatures.length : 0;
    expect(signers).toBeGreaterThanOrEqual(3);
    const { error, ledger } = await sync(leaveOut(signers - 3), [LIAR]);
    expect(error).toBeUndefined();
    expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
    expect(await sync(leaveOut(signers - 1), [LIAR])).toMatchObject({ error: { code: "INSUFFICIENT_VOTING_POWER" } });
  });

  it("names the fault of the last liar when all peers lie, each in its own way", async () => {
    const second = withLiar(transport, HONEST, lieAboutOutputs((list) => ({ ...list, infos: list.transactions })));
    const first = lieAboutOutputs((list) => ({
      ...list,
      proof: { ...list.proof, leftSiblings: list.proof.rightSiblings, rightSiblings: list.proof.leftSiblings },
    }));
    const { error, client } = await sync(first, [LIAR, HONEST], second);
    expect(error).toMatchObject({ code: "PROOF_MISMATCH", fault: "peer" });
    expect(client.hasUsablePeers()).toBe(false);
  });

  it.each(["INVALID_REQUEST", "PRUNED", "TOO_LARGE", "TOO_MANY_REQUESTS", "WRONG_CHAIN", "INTERNAL"] as const)(
    "takes an error frame with %s for one peer's word",
    async (code) => {
      const lie: Lie = (frame, request) =>
        request.kind === "getTransactionDataWithProof"
          ? encodeError(frame.subarray(4, 36), new SyncError(code, "Cannot answer"))
          : frame;
      const { error, ledger } = await sync(lie, [LIAR, HONEST]);
      expect(error).toBeUndefined();
      expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
    },
  );

  function forged(bytes: Uint8Array, versions: bigint, epochs = 0n): Uint8Array {
    const { ledgerInfo, signatures } = decode(bytes);
    const { version, epoch } = ledgerInfo.commitInfo;
    const commitInfo = { ...ledgerInfo.commitInfo, version: version + versions, epoch: epoch + epochs };
    return createLedgerInfoWithSignatures({ ...ledgerInfo, commitInfo }, signatures, world.context.profile).bytes;
  }

  function withoutSignatures(bytes: Uint8Array, count: number): Uint8Array {
    const { ledgerInfo, signatures } = decode(bytes);
    if (signatures.scheme !== "ed25519") throw new Error("the world signs with Ed25519");
    const kept = { ...signatures, signatures: signatures.signatures.slice(count) };
    return createLedgerInfoWithSignatures(ledgerInfo, kept, world.context.profile).bytes;
  }

  function decode(bytes: Uint8Array): LedgerInfoWithSignatures {
    return decodeLedgerInfoWithSignatures(bytes, world.context.profile);
  }
});

/** Remembers the first answer of each kind, and sends it for every later request of that kind. */
function replay(): Lie {
  const first = new Map<string, Uint8Array>();
  return (frame, request) => {
    const kept = first.get(request.kind) ?? frame.slice();
    first.set(request.kind, kept);
    return kept.slice();
  };
}
