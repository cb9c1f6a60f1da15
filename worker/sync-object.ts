/**
 * The Durable Object that holds one ledger: it serves it, and keeps it in step with its upstream in slices, one an alarm.
 *
 * Requests that wait live in it. An eviction or a new version of the code ends them with the connection; their clients ask
 * again, and are answered from the store alone: nothing that was waiting is remembered, so nothing of it can be wrong.
 *
 * @module
 */
import { DurableObject } from "cloudflare:workers";
import {
  type AnalyticsMetrics,
  createAnalyticsMetrics,
  FLUSH_PAUSE_MS,
} from "../adapters/cloudflare/analytics-metrics.ts";
import { createConsoleLog } from "../adapters/cloudflare/console-log.ts";
import { trackedAnswer } from "../adapters/cloudflare/tracked-answer.ts";
import { unavailable } from "./edge-error.ts";
import { type Env, settingsOf } from "./env.ts";
import { reasonOf } from "./error-reason.ts";
import { type LedgerParts, openLedgerParts } from "./ledger-parts.ts";

/** Milliseconds of one slice: far below an alarm's 15 minutes, so that an eviction costs little. */
const SLICE_MS = 20_000;
/** Milliseconds from one look at the upstream's head to the next. */
const HEAD_PAUSE_MS = 1_000;
/** Milliseconds after a slice that failed. The data client has tried every peer by then. */
const FAILURE_PAUSE_MS = 5_000;
/** Milliseconds from one look at the alarm to the next: it is lost only if the platform gives it up. */
const ALARM_CHECK_MS = 10_000;

/** One ledger. */
export class SyncObject extends DurableObject<Env> {
  /** Milliseconds of one slice. For tests of subclasses; nothing that an operator or a client sends changes it. */
  protected sliceMs: number = SLICE_MS;
  readonly #log = createConsoleLog();
  readonly #metrics: AnalyticsMetrics | undefined = this.env.METRICS &&
    createAnalyticsMetrics(this.env.METRICS, Date.now);
  #parts: Promise<LedgerParts> | undefined;
  #alarmCheckedMs = 0;

  /** Answers a request, and makes sure that the ledger is kept in step. */
  override async fetch(request: Request): Promise<Response> {
    let parts: LedgerParts;
    try {
      parts = await this.#open();
    } catch (error) {
      this.#log.error("Cannot open ledger", { reason: reasonOf(error) });
      return unavailable("the ledger cannot be opened");
    }
    // Beside the answer: what is there can be read whether or not the sync goes on.
    this.ctx.waitUntil(this.#keepAlarm(parts.driver === undefined ? FLUSH_PAUSE_MS : 0));
    return await trackedAnswer(parts.app, request);
  }

  /** One slice of the sync, and the time of the next. Never throws: the platform would repeat it at its own pace. */
  override async alarm(): Promise<void> {
    const pauseMs = await this.#syncSlice();
    this.#metrics?.flush();
    if (pauseMs === undefined) return;
    // If this fails, the next request sets the alarm, or the schedule.
    await this.#attemptAlarm((storage) => storage.setAlarm(Date.now() + pauseMs));
  }

  /** @returns Milliseconds until the next slice, or `undefined` if there is nothing to sync from. */
  async #syncSlice(): Promise<number | undefined> {
    const slice = new AbortController();
    const timer = setTimeout(() => slice.abort(slice), this.sliceMs);
    try {
      const { driver } = await this.#open();
      await driver?.run({ signal: slice.signal });
      return driver === undefined ? undefined : HEAD_PAUSE_MS;
    } catch (error) {
      if (error === slice) return 0;
      this.#log.warn("Cannot sync", { reason: reasonOf(error) });
      return FAILURE_PAUSE_MS;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sets the alarm if there is none and something needs it: a driver, or metrics to be written. Never rejects. */
  async #keepAlarm(delayMs: number): Promise<void> {
    const nowMs = Date.now();
    if (nowMs - this.#alarmCheckedMs < ALARM_CHECK_MS) return;
    if (delayMs > 0 && (this.#metrics?.pending ?? 0) === 0) return;
    this.#alarmCheckedMs = nowMs;
    await this.#attemptAlarm(async (storage) => {
      if (await storage.getAlarm() === null) await storage.setAlarm(nowMs + delayMs);
    });
  }

  async #attemptAlarm(act: (storage: DurableObjectStorage) => Promise<void>): Promise<void> {
    try {
      await act(this.ctx.storage);
    } catch (error) {
      this.#log.error("Cannot set alarm", { reason: reasonOf(error) });
    }
  }

  #open(): Promise<LedgerParts> {
    this.#parts ??= this.#openOnce();
    return this.#parts;
  }

  async #openOnce(): Promise<LedgerParts> {
    try {
      const settings = settingsOf(this.env);
      return await openLedgerParts({
        storage: this.ctx.storage,
        settings,
        metrics: this.#metrics,
        log: this.#log,
      });
    } catch (error) {
      // Tried again with the next request: a store may fail for a moment.
      this.#parts = undefined;
      throw error;
    }
  }
}
