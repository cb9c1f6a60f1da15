import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OpenStream, type StreamRequest } from "../../../core/storage-service/subscription-stream.ts";
import type { SubscriptionStream } from "../../../core/wire/request-types.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { ReferenceStream } from "../../helpers/reference-stream.ts";
import { unsignedLedgerInfo } from "../../helpers/unsigned-ledger-info.ts";

const START: SubscriptionStream = { knownVersion: 100n, knownEpoch: 5n, streamId: 7n };
const PERIOD_MS = 100;
const MAX_PENDING = 4;
const PROPERTY_MAX_PENDING = 3;
const RUNS = 300;

interface NumberedRequest extends StreamRequest {
  readonly id: number;
}

function openStream(): OpenStream<NumberedRequest> {
  return new OpenStream(START, 0);
}

let lastId = 0;

function request(streamIndex: bigint, arrivedMs = 0): NumberedRequest {
  return { streamIndex, arrivedMs, id: ++lastId };
}

function add(stream: OpenStream<NumberedRequest>, streamIndex: bigint, arrivedMs = 0, start = START) {
  const added = request(streamIndex, arrivedMs);
  return { added, replaced: stream.add(start, added, { maxPending: MAX_PENDING }) };
}

/** Serves the next request with `count` items below a far target. */
function serve(stream: OpenStream<NumberedRequest>, count: number, nowMs = 0): void {
  const taken = stream.take(1_000n);
  if (taken === undefined) throw new Error("the stream is not ready");
  stream.advance(taken, { count, target: unsignedLedgerInfo(1_000n, 9n) }, nowMs);
}

describe("a subscription stream", () => {
  it("is ready when its lowest request is the next one and the head is above what it knows", () => {
    const stream = openStream();
    add(stream, 1n);
    expect(stream.take(200n)).toBeUndefined();
    const { added } = add(stream, 0n);
    expect(stream.take(100n)).toBeUndefined();
    expect(stream.take(101n)).toBe(added);
    expect(stream.take(200n), "one is being served").toBeUndefined();
  });

  it("refuses what does not fit it, and stays as it was", () => {
    const stream = openStream();
    add(stream, 0n);
    serve(stream, 10);
    for (
      const wrong of [
        { ...START, streamId: 8n },
        { ...START, knownVersion: 110n },
        { ...START, knownEpoch: 6n },
      ]
    ) {
      expectSyncError(() => add(stream, 1n, 0, wrong), "INVALID_REQUEST");
    }
    expectSyncError(() => add(stream, 0n), "INVALID_REQUEST");
    expect(stream.pendingIndexes).toEqual([]);
    add(stream, 1n);
    expect(stream.pendingIndexes).toEqual([1n]);
  });

  it("takes no more requests than may wait, not even for an index that waits", () => {
    const stream = openStream();
    for (let index = 0n; index < BigInt(MAX_PENDING); index++) add(stream, index);
    expectSyncError(() => add(stream, 9n), "INVALID_REQUEST");
    expectSyncError(() => add(stream, 1n), "INVALID_REQUEST");
    serve(stream, 1);
    expect(add(stream, 9n).replaced).toBeUndefined();
    expect(stream.pendingIndexes).toEqual([1n, 2n, 3n, 9n]);
  });

  it("takes the request that a full queue waits for", () => {
    const stream = openStream();
    for (let index = 1n; index <= BigInt(MAX_PENDING); index++) add(stream, index);
    expectSyncError(() => add(stream, 9n), "INVALID_REQUEST");
    add(stream, 0n);
    expect(stream.pendingIndexes).toEqual([0n, 1n, 2n, 3n, 4n]);
    expectSyncError(() => add(stream, 0n), "INVALID_REQUEST");
    expect(stream.take(200n)?.streamIndex).toBe(0n);
    expectSyncError(() => add(stream, 0n), "INVALID_REQUEST");
  });

  it("gives the place of a request to a newer one with its index, waiting or being served", () => {
    const stream = openStream();
    const { added: first } = add(stream, 0n);
    const { added: second, replaced } = add(stream, 0n);
    expect(replaced).toBe(first);
    expect(stream.take(200n)).toBe(second);
    const { added: third, replaced: served } = add(stream, 0n);
    expect(served).toBe(second);
    const sent = { count: 3, target: unsignedLedgerInfo(200n, 5n) };
    expect(stream.advance(second, sent, 0)).toBe(false);
    expect(stream.take(200n)).toBe(third);
    expect(stream.advance(second, sent, 0)).toBe(false);
    expect(stream.known.knownVersion).toBe(100n);
    expect(stream.advance(third, sent, 0)).toBe(true);
    expect(stream.known.knownVersion).toBe(103n);
  });

  it("goes on from what was sent, and enters the next epoch where one ended", () => {
    const stream = openStream();
    for (let index = 0n; index < 4n; index++) add(stream, index);
    const ending = { target: unsignedLedgerInfo(110n, 5n, { endsEpoch: true }) };
    const sent = [{ count: 4, ...ending }, { count: 6, ...ending }, { count: 5, target: unsignedLedgerInfo(115n, 6n) }];
    const known = sent.map((data) => {
      const taken = stream.take(1_000n);
      if (taken !== undefined) stream.advance(taken, data, 0);
      return stream.known;
    });
    expect(known).toEqual([
      { knownVersion: 104n, knownEpoch: 5n },
      { knownVersion: 110n, knownEpoch: 6n },
      { knownVersion: 115n, knownEpoch: 6n },
    ]);
    expect(stream.nextIndex).toBe(3n);
  });

  it("expires a period after its lowest request came, however many came later", () => {
    const stream = openStream();
    add(stream, 0n, 10);
    add(stream, 1n, 90);
    expect(stream.isExpired(109, PERIOD_MS)).toBe(false);
    expect(stream.isExpired(110, PERIOD_MS)).toBe(true);
  });

  it("does not expire while a request is being served", () => {
    const stream = openStream();
    const { added } = add(stream, 0n);
    stream.take(200n);
    expect(stream.isExpired(500, PERIOD_MS)).toBe(false);
    stream.remove(added);
    expect(stream.isExpired(500, PERIOD_MS)).toBe(true);
  });

  it("is blocked by a request that failed until its index comes again, and then has new time (reference line 81)", () => {
    const stream = openStream();
    const { added } = add(stream, 0n);
    expect(stream.take(200n)).toBe(added);
    stream.remove(added);
    expect(stream.pendingIndexes).toEqual([]);
    expect(stream.isExpired(PERIOD_MS, PERIOD_MS)).toBe(true);
    add(stream, 0n, PERIOD_MS);
    expect(stream.isExpired(PERIOD_MS, PERIOD_MS)).toBe(false);
    expect(stream.take(200n)?.streamIndex).toBe(0n);
  });

  it("is rescued by a lower index that comes late (reference line 82)", () => {
    const [blocked, rescued] = [openStream(), openStream()];
    for (const stream of [blocked, rescued]) {
      for (let index = 1n; index < 4n; index++) add(stream, index);
      expect(stream.take(200n)).toBeUndefined();
      expect(stream.isExpired(PERIOD_MS, PERIOD_MS)).toBe(true);
    }
    add(rescued, 0n, PERIOD_MS);
    expect(rescued.isExpired(PERIOD_MS, PERIOD_MS)).toBe(false);
    expect(rescued.take(200n)?.streamIndex).toBe(0n);
    expect(blocked.isExpired(PERIOD_MS, PERIOD_MS)).toBe(true);
  });

  it("has new time after every answer", () => {
    const stream = openStream();
    add(stream, 0n);
    serve(stream, 1, 80);
    expect(stream.isExpired(179, PERIOD_MS)).toBe(false);
    expect(stream.isExpired(180, PERIOD_MS)).toBe(true);
  });

  it("gives up all that wait when it is drained", () => {
    const stream = openStream();
    for (let index = 1n; index < 4n; index++) add(stream, index);
    expect(stream.drain().map(({ streamIndex }) => streamIndex)).toEqual([1n, 2n, 3n]);
    expect(stream.pendingIndexes).toEqual([]);
  });
});

type Step =
  | { readonly do: "add"; readonly ahead: number; readonly isOfStream: boolean }
  | { readonly do: "take"; readonly above: number }
  | { readonly do: "send"; readonly which: number; readonly count: number; readonly toEnd: boolean }
  | { readonly do: "remove"; readonly which: number }
  | { readonly do: "wait"; readonly ms: number };

/** How far ahead of the next index: mostly a little, sometimes behind. */
const ahead = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, {
  weight: 3,
  arbitrary: fc.integer({ min: -1, max: 4 }),
});

const adding = { do: fc.constant("add" as const), ahead };
const sending = { do: fc.constant("send" as const), which: fc.nat(), toEnd: fc.boolean() };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ ...adding, isOfStream: fc.constant(true) }) },
    { weight: 1, arbitrary: fc.record({ ...adding, isOfStream: fc.constant(false) }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("take" as const), above: fc.integer({ min: -1, max: 9 }) }) },
    { weight: 6, arbitrary: fc.record({ ...sending, count: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(120) }) },
  ),
  { minLength: 20, maxLength: 80 },
);

/** The stream and the naive one, and every request that either was ever given. */
class Comparison {
  readonly #stream = openStream();
  readonly #reference = new ReferenceStream({ version: 100n, epoch: 5n, maxPending: PROPERTY_MAX_PENDING }, 0);
  readonly #requests: NumberedRequest[] = [];
  readonly #answered: bigint[] = [];
  #lastTaken: NumberedRequest | undefined;
  #nowMs = 0;

  /** Number of answers: a comparison without any would say nothing. */
  get answerCount(): number {
    return this.#answered.length;
  }

  run(step: Step): void {
    switch (step.do) {
      case "wait":
        this.#nowMs += step.ms;
        break;
      case "add":
        this.#add(this.#stream.nextIndex + BigInt(step.ahead), step.isOfStream);
        break;
      case "take": {
        const synced = this.#stream.known.knownVersion + BigInt(step.above);
        const taken = this.#stream.take(synced);
        expect(taken?.id).toBe(this.#reference.take(synced));
        this.#lastTaken = taken ?? this.#lastTaken;
        break;
      }
      case "send":
        this.#send(step);
        break;
      case "remove": {
        const gone = this.#requests.at(step.which % (this.#requests.length + 1));
        if (gone === undefined) break;
        this.#stream.remove(gone);
        this.#reference.remove(gone.id);
      }
    }
    this.#compare();
  }

  #add(streamIndex: bigint, isOfStream: boolean): void {
    const added = { streamIndex, arrivedMs: this.#nowMs, id: this.#requests.length };
    this.#requests.push(added);
    const start = isOfStream ? START : { ...START, knownVersion: 99n };
    const replaced = () => this.#stream.add(start, added, { maxPending: PROPERTY_MAX_PENDING })?.id;
    const expected = this.#reference.add({ id: added.id, index: streamIndex, atMs: this.#nowMs, isOfStream });
    if (expected === "refused") expectSyncError(replaced, "INVALID_REQUEST");
    else expect(replaced()).toBe(expected);
  }

  #send({ which, count, toEnd }: Step & { do: "send" }): void {
    const sent = which % 7 === 0 ? this.#requests.at(which % (this.#requests.length + 1)) : this.#lastTaken;
    if (sent === undefined) return;
    const end = this.#stream.known.knownVersion + BigInt(count) + (toEnd ? 0n : 1n);
    const target = unsignedLedgerInfo(end, this.#stream.known.knownEpoch, { endsEpoch: which % 2 === 0 });
    const advanced = this.#stream.advance(sent, { count, target }, this.#nowMs);
    if (advanced) this.#answered.push(sent.streamIndex);
    const told = { count: BigInt(count), targetVersion: end, endsEpoch: which % 2 === 0, atMs: this.#nowMs };
    expect(advanced).toBe(this.#reference.sent(sent.id, told));
  }

  #compare(): void {
    const { known, nextIndex, pendingIndexes } = this.#stream;
    const { knownVersion, knownEpoch } = this.#reference;
    expect({ known, nextIndex, pendingIndexes }).toEqual({
      known: { knownVersion, knownEpoch },
      nextIndex: this.#reference.nextIndex,
      pendingIndexes: this.#reference.pending().map(({ index }) => index),
    });
    expect(this.#stream.isExpired(this.#nowMs, PERIOD_MS)).toBe(this.#reference.isExpired(this.#nowMs, PERIOD_MS));
    expect(this.#answered, "answers are in order, without a gap").toEqual(this.#answered.map((_, i) => BigInt(i)));
  }
}

describe("a subscription stream, whatever happens to it", () => {
  it("does what the rules say one after the other", () => {
    let answers = 0;
    fc.assert(
      fc.property(steps, (list) => {
        const comparison = new Comparison();
        for (const step of list) comparison.run(step);
        answers += comparison.answerCount;
      }),
      { numRuns: RUNS },
    );
    expect(answers).toBeGreaterThan(RUNS);
  });
});
