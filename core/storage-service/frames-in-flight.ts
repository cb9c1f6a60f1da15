/**
 * Frames on their way to clients: how much memory they hold, and who holds it.
 *
 * @module
 */
import type { AnswerFrame } from "./answer-frame.ts";

/** Counts frames while they are being sent. */
export class FramesInFlight {
  readonly #all = new HeldFrames();
  /** Without an entry that holds nothing. */
  readonly #byAddress = new Map<string | undefined, HeldFrames>();
  readonly #onChange: (bytes: number) => void;

  /** @param onChange Told how many bytes there are when they change. */
  constructor(onChange: (bytes: number) => void) {
    this.#onChange = onChange;
  }

  /** Bytes of all of them; each counts once, however many get it. */
  get bytes(): number {
    return this.#all.bytes;
  }

  /** Bytes of those that go to an address; to all together that have none. */
  bytesOf(address: string | undefined): number {
    return this.#byAddress.get(address)?.bytes ?? 0;
  }

  /** Counts a frame until the returned function is called; after the first time that does nothing. */
  add(frame: AnswerFrame, address: string | undefined): () => void {
    const own = this.#byAddress.get(address) ?? new HeldFrames();
    this.#byAddress.set(address, own);
    own.add(frame);
    if (this.#all.add(frame)) this.#onChange(this.bytes);
    let isSent = false;
    return () => {
      if (isSent) return;
      isSent = true;
      own.remove(frame);
      if (own.isEmpty) this.#byAddress.delete(address);
      if (this.#all.remove(frame)) this.#onChange(this.bytes);
    };
  }
}

/** Frames, each with how often it is held. */
class HeldFrames {
  readonly #times = new Map<AnswerFrame, number>();
  bytes = 0;

  get isEmpty(): boolean {
    return this.#times.size === 0;
  }

  /** @returns Whether there are more bytes now. */
  add(frame: AnswerFrame): boolean {
    const times = this.#times.get(frame) ?? 0;
    this.#times.set(frame, times + 1);
    if (times > 0) return false;
    this.bytes += frame.bytes.length;
    return true;
  }

  /** @returns Whether there are fewer bytes now. */
  remove(frame: AnswerFrame): boolean {
    const left = (this.#times.get(frame) ?? 0) - 1;
    if (left > 0) {
      this.#times.set(frame, left);
      return false;
    }
    this.#times.delete(frame);
    this.bytes -= frame.bytes.length;
    return true;
  }
}
