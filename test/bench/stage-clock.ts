/**
 * A clock that says which stage of a sync the time went to, and decorators of the ports that tell it.
 *
 * The stage in force is one for the whole thread. So it is right where one thing is done after another, as the driver does;
 * requests may run beside it.
 *
 * @module
 */
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import type { Hasher } from "../../core/ports/hasher.ts";
import type { OrderedKv } from "../../core/ports/ordered-kv.ts";
import type { Transport } from "../../core/ports/transport.ts";
import type { StreamingService } from "../../core/streaming/service.ts";
import type { DataStream } from "../../core/streaming/stream.ts";
import { cpuMs } from "./bench-tools.ts";

/** Time of one stage, in milliseconds. What the thread waits is in `wall` alone. */
export interface StageTime {
  wall: number;
  cpu: number;
}

/** The stage that none of the decorators below names. */
const REST = "rest";

/** Tells stages apart, and sums their time up. */
export class StageClock {
  readonly #times = new Map<string, StageTime>();
  #stage: string = REST;
  #wall = 0;
  #cpu = 0;

  /** Forgets everything before. */
  start(): void {
    this.enter(REST);
    this.#times.clear();
  }

  /** The time of every stage since the start, by name. */
  stop(): ReadonlyMap<string, StageTime> {
    this.enter(REST);
    return this.#times;
  }

  /** The stage that time goes to now. */
  get stage(): string {
    return this.#stage;
  }

  /** Time goes to `stage` from now on. */
  enter(stage: string): void {
    const [wall, cpu] = [performance.now(), cpuMs()];
    const time = this.#times.get(this.#stage) ?? { wall: 0, cpu: 0 };
    time.wall += wall - this.#wall;
    time.cpu += cpu - this.#cpu;
    this.#times.set(this.#stage, time);
    [this.#stage, this.#wall, this.#cpu] = [stage, wall, cpu];
  }

  /** Time goes to `stage` until `run` is over. */
  during<T>(stage: string, run: () => T): T {
    const before = this.#stage;
    this.enter(stage);
    try {
      return run();
    } finally {
      this.enter(before);
    }
  }

  /** As {@link during}, of something asynchronous. */
  async whileWaiting<T>(stage: string, run: () => Promise<T>): Promise<T> {
    const before = this.#stage;
    this.enter(stage);
    try {
      return await run();
    } finally {
      this.enter(before);
    }
  }
}

/** Hashing is a part of its own of whatever stage it is done in. */
export function withHashStages(hasher: Hasher, clock: StageClock): Hasher {
  const part = (name: string, run: () => Uint8Array) => clock.during(`${clock.stage}: ${name}`, run);
  return {
    hash: (seed, message) => part("hash nodes", () => hasher.hash(seed, message)),
    hashPairs: (seed, pairs) => part("hash nodes", () => hasher.hashPairs(seed, pairs)),
    hashColumn: (seed, column) => part("hash columns", () => hasher.hashColumn(seed, column)),
  };
}

/** Reading and writing the store are parts of their own of whatever stage they are done in. */
export function withStoreStages(kv: OrderedKv, clock: StageClock): OrderedKv {
  const part = <T>(name: string, run: () => Promise<T>) => clock.whileWaiting(`${clock.stage}: ${name}`, run);
  return {
    get: (key) => part("read store", () => kv.get(key)),
    getMany: (keys) => part("read store", () => kv.getMany(keys)),
    scan: (range, options) => part("read store", () => kv.scan(range, options)),
    commit: (batch, options) => part("write store", () => kv.commit(batch, options)),
    close: () => kv.close(),
  };
}

/** From the last byte of an answer on it is decoded, if somebody waits for it: see {@link withStreamStages}. */
export function withDecodeStage(transport: Transport, clock: StageClock): Transport {
  return {
    async send(peer, message, options) {
      const frame = await transport.send(peer, message, options);
      if (clock.stage === "fetch") clock.enter("decode");
      return frame;
    },
  };
}

/** The driver fetches as long as it waits for a stream of outputs, and verifies from then on. */
export function withStreamStages(streaming: StreamingService, clock: StageClock): StreamingService {
  const staged = (stream: DataStream): DataStream => ({
    streamId: stream.streamId,
    async next(signal) {
      clock.enter("fetch");
      const notification = await stream.next(signal);
      clock.enter(notification.payload.kind === "endOfStream" ? REST : "verify");
      return notification;
    },
  });
  return {
    ...streaming,
    outputs: (range) => staged(streaming.outputs(range)),
    continuousOutputs: (request) => staged(streaming.continuousOutputs(request)),
  };
}

/** Staging and committing are stages; a commit ends the work on a chunk. Changes `ledger` itself, and returns it. */
export function withLedgerStages(ledger: LedgerWriter, clock: StageClock): LedgerWriter {
  const stageState = ledger.stageState.bind(ledger);
  const commit = ledger.commit.bind(ledger);
  ledger.stageState = (input) => clock.whileWaiting("state", () => stageState(input));
  ledger.commit = async (input) => {
    const progress = await clock.whileWaiting("commit", () => commit(input));
    clock.enter(REST);
    return progress;
  };
  return ledger;
}
