import { describe, expect, it } from "vitest";
import { type AnswerRoom, createAnswerRoom } from "../../../core/storage-service/answer-room.ts";
import { ANSWER_BYTES_IN_FLIGHT } from "../../../core/storage-service/metrics.ts";
import type { Requester } from "../../../core/storage-service/requester.ts";
import { repeatingFrame } from "../../helpers/answer-frames.ts";
import { expectSyncError, expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { createRecordingMetrics, type RecordingMetrics } from "../../helpers/recording-metrics.ts";
import { createSteppedClock, settled, type SteppedClock } from "../../helpers/stepped-clock.ts";

const MAX_BYTES = 1_000;
const SOMEBODY: Requester = { address: "192.0.2.1", trusted: false };
const MAKING = 4;

function roomOf(maxWaiting = 100): { room: AnswerRoom; clock: SteppedClock; metrics: RecordingMetrics } {
  const clock = createSteppedClock();
  const config = { maxAnswerBytesInFlight: MAX_BYTES, maxNetworkChannelSize: maxWaiting };
  const metrics = createRecordingMetrics();
  return { room: createAnswerRoom({ config, clock, metrics }), clock, metrics };
}

/** Work that ends when it is told to, and tells when it begins. */
class Works {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  make = (name: string) => async (): Promise<string> => {
    this.begun.push(name);
    await new Promise<void>((resolve) => this.#ends.set(name, resolve));
    return name;
  };

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await settled();
  }
}

describe("turns", () => {
  it("are taken a few at a time, in order", async () => {
    const { room } = roomOf();
    const works = new Works();
    const made = ["a", "b", "c", "d", "e", "f"].map((name) => room.turn(works.make(name)));
    await settled();
    expect(works.begun).toEqual(["a", "b", "c", "d"]);
    await works.end("b");
    expect(works.begun.at(-1)).toBe("e");
    await works.end("a");
    expect(works.begun.at(-1)).toBe("f");
    expect(await made[1]).toBe("b");
  });

  it("come first to work that is urgent", async () => {
    const { room } = roomOf();
    const works = new Works();
    for (let i = 0; i < MAKING; i++) void room.turn(works.make(`busy ${i}`));
    void room.turn(works.make("new"));
    void room.turn(works.make("held"), { isUrgent: true });
    await works.end("busy 0");
    await works.end("busy 1");
    expect(works.begun.slice(MAKING)).toEqual(["held", "new"]);
  });

  it("pass errors on, and go on behind them", async () => {
    const { room } = roomOf();
    await expect(room.turn(() => Promise.reject(new Error("no disk")))).rejects.toThrow("no disk");
    for (let i = 0; i < 2 * MAKING; i++) expect(await room.turn(() => Promise.resolve(i))).toBe(i);
  });

  it("let others have theirs after some milliseconds of work, where more waits", async () => {
    const { room, clock } = roomOf();
    const works = new Works();
    for (let i = 0; i < MAKING + 2; i++) void room.turn(works.make(`${i}`));
    await clock.advance(10);
    const before = works.begun.length;
    await works.end("0");
    expect(works.begun).toHaveLength(before);
    await clock.advance(0);
    expect(works.begun).toHaveLength(before + 1);
  });

  it("let others have theirs after some turns, where the clock stands still", async () => {
    const { room, clock } = roomOf();
    let made = 0;
    for (let i = 0; i < 100; i++) void room.turn(() => void made++);
    await settled();
    expect(made).toBeGreaterThanOrEqual(32);
    expect(made).toBeLessThan(40);
    for (let pause = 0; pause < 3; pause++) await clock.advance(0);
    expect(made).toBe(100);
    expect(clock.sleepers, "nobody waits any more").toBe(0);
  });

  it("are refused after five seconds, and at once where too many wait", async () => {
    const { room, clock } = roomOf(2);
    const works = new Works();
    for (let i = 0; i < MAKING; i++) void room.turn(works.make(`busy ${i}`));
    const late = [room.turn(works.make("late")), room.turn(works.make("late too"))];
    await expectSyncErrorFrom(room.turn(works.make("one more")), "TOO_MANY_REQUESTS");
    const refused = Promise.all(late.map((turn) => expectSyncErrorFrom(turn, "TOO_MANY_REQUESTS")));
    await clock.advance(6_000);
    await refused;
    expect(works.begun).toHaveLength(MAKING);
    expect(clock.sleepers).toBe(0);
  });
});

describe("frames that are being sent", () => {
  it("count once each, however many get them, until the last has", () => {
    const { room, metrics } = roomOf();
    const [first, second] = [repeatingFrame(300), repeatingFrame(200)];
    const sent = [room.sending(first, SOMEBODY), room.sending(first, SOMEBODY), room.sending(second, SOMEBODY)];
    expect(room.sendingBytes).toBe(500);
    sent[0]?.();
    sent[0]?.();
    expect(room.sendingBytes).toBe(500);
    sent[1]?.();
    expect(room.sendingBytes).toBe(200);
    expect(metrics.valueOf(ANSWER_BYTES_IN_FLIGHT)).toBe(200);
    sent[2]?.();
    expect(room.sendingBytes).toBe(0);
  });

  it("are not waited for by work that is urgent", async () => {
    const { room, clock } = roomOf();
    const works = new Works();
    room.sending(repeatingFrame(1_200), SOMEBODY);
    void room.turn(works.make("large")).catch(() => {});
    void room.turn(works.make("small"), { isUrgent: true });
    await clock.advance(1_000);
    expect(works.begun).toEqual(["small"]);
    for (let i = 1; i < 2 * MAKING; i++) room.turn(works.make(`${i}`), { isUrgent: true }).catch(() => {});
    await works.end("small");
    await clock.advance(0);
    expect(works.begun).toHaveLength(MAKING + 1);
    await clock.advance(6_000);
  });

  it("leave no turn to others while they are too many bytes", async () => {
    const { room, clock } = roomOf();
    const works = new Works();
    const sent = [room.sending(repeatingFrame(600), SOMEBODY), room.sending(repeatingFrame(600), SOMEBODY)];
    const turn = room.turn(works.make("next"));
    await clock.advance(1_000);
    expect(works.begun).toEqual([]);
    sent[0]?.();
    await settled();
    expect(works.begun).toEqual(["next"]);
    await works.end("next");
    expect(await turn).toBe("next");
  });

  it("are a quarter of all at most for one address, but for the operator's own", () => {
    const { room } = roomOf();
    const frame = repeatingFrame(125);
    const sent = [room.sending(frame, SOMEBODY), room.sending(frame, SOMEBODY)];
    room.assertTaking(SOMEBODY);
    sent.push(room.sending(repeatingFrame(125), SOMEBODY));
    expectSyncError(() => room.assertTaking(SOMEBODY), "TOO_MANY_REQUESTS");
    room.assertTaking({ ...SOMEBODY, trusted: true });
    room.assertTaking({ address: "192.0.2.2", trusted: false });
    room.assertTaking({ trusted: false });
    for (const end of sent) end();
    room.assertTaking(SOMEBODY);
  });
});
