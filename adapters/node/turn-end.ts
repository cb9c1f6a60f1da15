/**
 * The end of a turn of the event loop.
 *
 * A busy server finds many requests at once, and answering each as soon as it can goes back and forth between our code and
 * the kernel, which wakes a client on the same machine at every write, and finds it asleep again at the next. Written one
 * after the other at the end of the turn, the same answers cost half the CPU time (`test/bench/serve.bench.ts`); a server that
 * is not busy finds one request in a turn, and ends the turn at once.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/**
 * Resolves after all that the current turn has found was handled; all who wait in one turn wait for the same promise.
 * Never rejects.
 */
export type TurnEnd = () => Promise<void>;

/** Creates one for those whose work should go out together. */
export function createTurnEnd(): TurnEnd {
  let ending: Promise<void> | undefined;
  return () => {
    ending ??= new Promise((resolve) => {
      setImmediate(() => {
        ending = undefined;
        resolve();
      });
    });
    return ending;
  };
}
