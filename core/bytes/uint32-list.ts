/**
 * A growing list of 32-bit unsigned integers in one flat buffer: positions found while walking bytes.
 *
 * @module
 */

/** A growing list of 32-bit unsigned integers. */
export class Uint32List {
  #values = new Uint32Array(256);
  #length = 0;

  /** Number of integers. */
  get length(): number {
    return this.#length;
  }

  /** Appends `value`, 0 to 2³² − 1. */
  push(value: number): void {
    if (this.#length === this.#values.length) {
      const values = new Uint32Array(2 * this.#values.length);
      values.set(this.#values);
      this.#values = values;
    }
    this.#values[this.#length++] = value;
  }

  /** Integer `index`; 0 where there is none. */
  at(index: number): number {
    return index < this.#length ? (this.#values[index] as number) : 0;
  }

  /**
   * Replaces integer `index`.
   *
   * @param index 0 ≤ index < length; others change nothing.
   */
  set(index: number, value: number): void {
    if (index < this.#length) this.#values[index] = value;
  }

  /** The integers, as a fresh array. */
  toArray(): Uint32Array<ArrayBuffer> {
    return this.#values.slice(0, this.#length);
  }
}
