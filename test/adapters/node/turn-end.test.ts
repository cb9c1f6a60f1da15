import { setImmediate } from "node:timers";
import { describe, expect, it } from "vitest";
import { createTurnEnd } from "../../../adapters/node/turn-end.ts";

describe("the end of a turn", () => {
  it("comes once for all who wait in one turn", async () => {
    const turnEnd = createTurnEnd();
    const order: string[] = [];
    const first = turnEnd().then(() => order.push("first answer"));
    await Promise.resolve();
    order.push("second request");
    const second = turnEnd().then(() => order.push("second answer"));
    await Promise.all([first, second]);
    expect(order).toEqual(["second request", "first answer", "second answer"]);
  });

  it("comes in the turn that was waited in, not in a later one", async () => {
    const turnEnd = createTurnEnd();
    const order: string[] = [];
    const nextTurn = new Promise<void>((resolve) => {
      setImmediate(() => setImmediate(resolve));
    }).then(() => order.push("next turn"));
    const answer = turnEnd().then(() => order.push("answer"));
    await Promise.all([nextTurn, answer]);
    expect(order).toEqual(["answer", "next turn"]);
  });

  it("comes again for those who wait later", async () => {
    const turnEnd = createTurnEnd();
    const first = turnEnd();
    await first;
    const second = turnEnd();
    expect(second).not.toBe(first);
    await expect(second).resolves.toBeUndefined();
  });
});
