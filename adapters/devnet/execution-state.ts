/**
 * The state while transactions run: what was read, what earlier transactions left, what the current one writes.
 *
 * @module
 */
import { encodeBcs } from "../../core/chain/bcs.ts";
import { type ContractEvent, encodeContractEvent, isNewEpochEvent } from "../../core/chain/event.ts";
import { decodeStateValue, type StateValue, type StateValueMetadata } from "../../core/chain/state-value.ts";
import type { TypeTag } from "../../core/chain/type-tag.ts";
import { encodeWriteSet, type WriteEntry, type WriteOp } from "../../core/chain/write-set.ts";
import { SyncError } from "../../core/errors.ts";
import type { StateView } from "../../core/ports/executor.ts";
import { frameworkSlot } from "./framework-resources.ts";
import type { EventHandle, ResourceType, Slot } from "./move-resource.ts";

/** What one transaction changed and announced. */
export interface TransactionEffects {
  /** BCS `WriteSet`. */
  readonly writeSet: Uint8Array;
  /** BCS `ContractEvent*`. */
  readonly events: Uint8Array;
  /** Whether one of the events starts a new epoch. */
  readonly startsEpoch: boolean;
}

/** What the slots that the current transaction created hold. */
export interface NewSlots {
  /** Number of slots. */
  readonly count: number;
  /** Bytes of their keys and values. */
  readonly bytes: number;
}

interface Write {
  readonly slot: Slot;
  /** `undefined` deletes. */
  readonly data: Uint8Array | undefined;
}

/** One run of the executor over the state. Not shared between runs. */
export class ExecutionState {
  readonly #view: StateView;
  /** Values as of the end of the previous transaction; `undefined` for known absence. */
  readonly #values = new Map<string, StateValue | undefined>();
  #writes = new Map<string, Write>();
  #events: ContractEvent[] = [];

  /**
   * Starts without any change.
   *
   * @param view The state before the first transaction. Kept.
   */
  constructor(view: StateView) {
    this.#view = view;
  }

  /** Reads slots that will be needed, in one batch. Reading without it is the same, only slower. */
  async prefetch(slots: readonly Slot[]): Promise<void> {
    const missing = new Map<string, Uint8Array>();
    for (const { id, keyBytes } of slots) if (!this.#values.has(id)) missing.set(id, keyBytes);
    const values = await this.#view.read([...missing.values()]);
    [...missing.keys()].forEach((id, i) => {
      const value = values[i];
      this.#values.set(id, value === undefined ? undefined : decodeStateValue(value));
    });
  }

  /** The data at a slot as the current transaction sees it, or `undefined`. */
  async read(slot: Slot): Promise<Uint8Array | undefined> {
    const write = this.#writes.get(slot.id);
    if (write !== undefined) return write.data;
    if (!this.#values.has(slot.id)) await this.prefetch([slot]);
    return this.#values.get(slot.id)?.data;
  }

  /** Sets (or, with `undefined`, deletes) a slot, as part of the current transaction. The slot must have been read. */
  write(slot: Slot, data: Uint8Array | undefined): void {
    this.#writes.set(slot.id, { slot, data });
  }

  /** The resource of an account, or `undefined`. */
  async resource<T>(type: ResourceType<T>, address: Uint8Array): Promise<T | undefined> {
    const data = await this.read(type.slot(address));
    return data === undefined ? undefined : type.decode(data);
  }

  /** The resource of the framework, which is there since genesis. */
  async framework<T>(type: ResourceType<T>): Promise<T> {
    const data = await this.read(frameworkSlot(type));
    if (data === undefined) throw missingFramework(`${type.tag.module}::${type.tag.name}`);
    return type.decode(data);
  }

  /** Emits an event as it is. */
  announce(event: ContractEvent): void {
    this.#events.push(event);
  }

  /** Emits an event of a module. */
  emit(type: TypeTag, data: Uint8Array): void {
    this.announce({ kind: "v2", type, data });
  }

  /** Emits the next event of a stream and returns the stream after it. */
  emitTo(handle: EventHandle, type: TypeTag, data: Uint8Array): EventHandle {
    const { creationNumber, address, counter } = handle;
    this.announce({ kind: "v1", key: { creationNumber, address }, sequenceNumber: counter, type, data });
    return { ...handle, counter: counter + 1n };
  }

  /** Slots that the current transaction has touched. */
  get writeCount(): number {
    return this.#writes.size;
  }

  /** What the current transaction creates. */
  newSlots(): NewSlots {
    let count = 0;
    let bytes = 0;
    for (const [id, { slot, data }] of this.#writes) {
      if (data === undefined || this.#values.get(id) !== undefined) continue;
      count++;
      bytes += slot.keyBytes.length + data.length;
    }
    return { count, bytes };
  }

  /** Forgets what the current transaction did. */
  rollback(): void {
    this.#writes = new Map();
    this.#events = [];
  }

  /**
   * Ends the current transaction: the next one sees what it left.
   *
   * @param metadataOf What is recorded with a new slot whose key and value have so many bytes, if anything.
   */
  finish(metadataOf: (bytes: number) => StateValueMetadata | undefined): TransactionEffects {
    const entries: WriteEntry[] = [];
    for (const [id, { slot, data }] of this.#writes) {
      const before = this.#values.get(id);
      const metadata = before === undefined ? metadataOf(slot.keyBytes.length + (data?.length ?? 0)) : before.metadata;
      const op = writeOp(data, metadata, before !== undefined);
      if (op === undefined) continue;
      entries.push({ key: slot.key, op });
      this.#values.set(id, data === undefined ? undefined : { data, metadata });
    }
    const events = this.#events.map(encodeContractEvent);
    const effects = {
      writeSet: encodeWriteSet({ entries }),
      events: encodeBcs((writer) => writer.sequence(events, (inner, event) => inner.raw(event))),
      startsEpoch: events.some(isNewEpochEvent),
    };
    this.rollback();
    return effects;
  }
}

/** The error for a state that is not a devnet's. */
export function missingFramework(resource: string): SyncError {
  return new SyncError("UNSUPPORTED", `Cannot execute on this state: 0x1::${resource} is missing`);
}

function writeOp(
  data: Uint8Array | undefined,
  metadata: StateValueMetadata | undefined,
  existed: boolean,
): WriteOp | undefined {
  if (data !== undefined) return { kind: existed ? "modification" : "creation", data, metadata };
  return existed ? { kind: "deletion", metadata } : undefined;
}
