/**
 * Frames on their way to clients: how much memory they hold.
 *
 * @module
 */
import type { AnswerFrame } from "./answer-frame.ts";

/** Counts frames while they are being sent. */
export class FramesInFlight {
  readonly #receivers = new Map<AnswerFrame, number>();
  readonly #onChange: (bytes: number) => void;
  #bytes = 0;

  /** @param onChange Told how many bytes there are when they change. */
  constructor(onChange: (bytes: number) => void) {
    this.#onChange = onChange;
  }

  /** Bytes of all of them; each counts once, however many get it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a frame until the returned function is called; after the first time that does nothing. */
  add(frame: AnswerFrame): () => void {
    const receivers = this.#receivers.get(frame) ?? 0;
    this.#receivers.set(frame, receivers + 1);
    if (receivers === 0) this.#change(frame.bytes.length);
    let isSent = false;
    return () => {
      if (isSent) return;
      isSent = true;
      this.#remove(frame);
    };
  }

  #remove(frame: AnswerFrame): void {
    const left = (this.#receivers.get(frame) ?? 0) - 1;
    if (left > 0) {
      this.#receivers.set(frame, left);
      return;
    }
    this.#receivers.delete(frame);
    this.#change(-frame.bytes.length);
  }

  #change(by: number): void {
    this.#bytes += by;
    this.#onChange(this.#bytes);
  }
}
