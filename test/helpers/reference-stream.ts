/**
 * A naive subscription stream: remembers everything that ever happened to it, and works every answer out from that.
 *
 * @module
 */

/** What happened to a stream. Times are in milliseconds. */
type StreamEvent =
  | { readonly kind: "opened"; readonly atMs: number }
  | { readonly kind: "added"; readonly atMs: number; readonly id: number; readonly index: bigint }
  | { readonly kind: "taken"; readonly id: number }
  | {
    readonly kind: "sent";
    readonly atMs: number;
    readonly id: number;
    readonly count: bigint;
    readonly targetVersion: bigint;
    readonly endsEpoch: boolean;
  }
  | { readonly kind: "removed"; readonly id: number };

/** Where a stream starts. */
export interface ReferenceStart {
  readonly version: bigint;
  readonly epoch: bigint;
  readonly maxPending: number;
}

/** The stream by the rules of storage-service §3.4, one after the other. Requests are known by a number. */
export class ReferenceStream {
  readonly #start: ReferenceStart;
  readonly #events: StreamEvent[];

  constructor(start: ReferenceStart, nowMs: number) {
    this.#start = start;
    this.#events = [{ kind: "opened", atMs: nowMs }];
  }

  /** `refused`, or the request that it takes the place of, or neither. */
  add(request: { id: number; index: bigint; atMs: number; isOfStream: boolean }): "refused" | number | undefined {
    const { id, index, atMs, isOfStream } = request;
    if (!isOfStream || index < this.nextIndex) return "refused";
    const isGap = index === this.nextIndex &&
      [...this.#serving(), ...this.pending()].every((other) => other.index !== index);
    if (this.pending().length >= this.#start.maxPending && !isGap) return "refused";
    const same = [...this.pending(), ...this.#serving()].find((other) => other.index === index)?.id;
    if (same !== undefined) this.#events.push({ kind: "removed", id: same });
    this.#events.push({ kind: "added", atMs, id, index });
    return same;
  }

  take(syncedVersion: bigint): number | undefined {
    const [first] = this.pending();
    if (this.#serving().length > 0 || first?.index !== this.nextIndex || this.knownVersion >= syncedVersion) {
      return undefined;
    }
    this.#events.push({ kind: "taken", id: first.id });
    return first.id;
  }

  sent(id: number, sent: { count: bigint; targetVersion: bigint; endsEpoch: boolean; atMs: number }): boolean {
    if (!this.#serving().some((request) => request.id === id)) return false;
    this.#events.push({ kind: "sent", id, ...sent });
    return true;
  }

  remove(id: number): void {
    this.#events.push({ kind: "removed", id });
  }

  isExpired(nowMs: number, periodMs: number): boolean {
    if (this.#serving().length > 0) return false;
    return nowMs - (this.pending()[0]?.atMs ?? this.#updatedMs()) >= periodMs;
  }

  get nextIndex(): bigint {
    return BigInt(this.#sent().length);
  }

  get knownVersion(): bigint {
    return this.#sent().reduce((version, { count }) => version + count, this.#start.version);
  }

  get knownEpoch(): bigint {
    let version = this.#start.version;
    let epoch = this.#start.epoch;
    for (const { count, targetVersion, endsEpoch } of this.#sent()) {
      version += count;
      if (version === targetVersion && endsEpoch) epoch += 1n;
    }
    return epoch;
  }

  /** Those that wait, by index. */
  pending(): { id: number; index: bigint; atMs: number }[] {
    const added = this.#events.filter((event) => event.kind === "added");
    return added.filter(({ id }) => !this.#has("removed", id) && !this.#has("taken", id))
      .sort((a, b) => Number(a.index - b.index));
  }

  #serving(): { id: number; index: bigint }[] {
    const added = this.#events.filter((event) => event.kind === "added");
    return added.filter(({ id }) => this.#has("taken", id) && !this.#has("sent", id) && !this.#has("removed", id));
  }

  #sent() {
    return this.#events.filter((event) => event.kind === "sent");
  }

  #updatedMs(): number {
    const times = this.#events.map((event) => "atMs" in event ? event.atMs : 0);
    return Math.max(...times);
  }

  #has(kind: StreamEvent["kind"], id: number): boolean {
    return this.#events.some((event) => event.kind === kind && "id" in event && event.id === id);
  }
}
