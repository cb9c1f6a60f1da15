/**
 * Runs a surface over inputs: the kept ones first, then new ones from the surface's grammar and from changes of what gave new
 * kinds of answers before.
 *
 * @module
 */
import { setTimeout } from "node:timers/promises";
import type { Corpus } from "./corpus.ts";
import { FuzzRandom } from "./fuzz-random.ts";
import { growthPerCase, growthProblem, heapBytes, isJudged, type MemorySample } from "./memory.ts";

/** What became of one input. */
export interface Outcome {
  /** Whether it was answered with data. */
  readonly isAnswered: boolean;
  /** Which way it went, without numbers: inputs that go a new way are worth more changes. */
  readonly way: string;
}

/** Something that takes inputs from anybody. Its methods may be called any number at once. */
export interface Surface {
  /** Name on the command line, and folder of its corpus. */
  readonly name: string;
  /** Ending of the files of its corpus. */
  readonly extension: string;
  /** Makes an input. `pool` has inputs worth changing; it may be empty. */
  generate(random: FuzzRandom, pool: readonly Uint8Array[]): Uint8Array;
  /** Gives an input to the surface and judges what comes back. Rejects with what is wrong with it, if anything is. */
  run(input: Uint8Array): Promise<Outcome>;
  /** Lets time pass for inputs that wait, where it does not by itself. */
  passTime?(): Promise<void>;
  /** Called between batches, with the share of the run that is done: 0 to 1. */
  between?(done: number): Promise<void>;
  /** Bytes in use after a full collection, where they are not of this process. `undefined`: nobody can tell. */
  memoryBytes?(): Promise<number | undefined>;
  /** Ends it. */
  close(): Promise<void>;
}

/** How much is run. */
export interface FuzzOptions {
  /** Inputs, the kept ones counted. */
  readonly cases: number;
  /**
   * Decides the draws of each new input. They pick from inputs that went new ways before too, and which those are depends on
   * the answers and, over sockets, on time: so an input is made again from its file, not from the seed.
   */
  readonly seed: number;
  /** Kept inputs, and where those that fail are kept. */
  readonly corpus: Corpus;
  /** How many inputs are kept, each the first of a way that no kept one goes. @default {0} */
  readonly keepWays?: number;
  /** Milliseconds without an answer after which there will be none. @default {60000} */
  readonly silenceMs?: number;
  /** How often memory is looked at; 0: never. @default {24} */
  readonly memorySamples?: number;
  /** Told how far it is. */
  readonly onProgress?: (cases: number) => void;
}

/** What is wrong with the answer to one input. */
interface Finding {
  readonly problem: string;
  /** Number of the case in its run. */
  readonly index: number;
  readonly input: Uint8Array;
  /** Where the input is kept. */
  readonly file: string | undefined;
}

/** What a run saw. */
export interface FuzzReport {
  readonly cases: number;
  readonly answered: number;
  readonly seconds: number;
  /** How many inputs went each way. */
  readonly ways: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  readonly memory: readonly MemorySample[];
  /** Whether the run was long enough to judge memory. */
  readonly isMemoryJudged: boolean;
  /** Why memory is not bounded, if it is not. */
  readonly memoryProblem: string | undefined;
  readonly growthPerCase: number;
}

/** Inputs under way at the same time: enough for equal and conflicting ones to meet. */
const BATCH = 32;

/** After as many, the next ones say no more. */
const MAX_FINDINGS = 10;

/** Enough for a line, and no more: a sample takes a fifth of a second. */
const DEFAULT_MEMORY_SAMPLES = 24;
const MAX_POOL = 2_000;

const DEFAULT_SILENCE_MS = 60_000;

/** Runs it. Findings are reported, not thrown. */
export async function fuzz(surface: Surface, options: FuzzOptions): Promise<FuzzReport> {
  const run = new FuzzRun(surface, options);
  const startedMs = performance.now();
  const kept = options.corpus.read();
  await run.sampleMemoryIfDue();
  for (let at = 0; at < kept.length && run.goesOn; at += BATCH) await run.batch(kept.slice(at, at + BATCH));
  run.beginNewInputs();
  while (run.goesOn) {
    await run.batch(run.inputs());
    await run.sampleMemoryIfDue();
  }
  return run.report((performance.now() - startedMs) / 1000);
}

class FuzzRun {
  readonly #surface: Surface;
  readonly #options: FuzzOptions;
  readonly #ways = new Map<string, number>();
  readonly #findings: Finding[] = [];
  readonly #memory: MemorySample[] = [];
  readonly #pool: Uint8Array[] = [];
  #cases = 0;
  #answered = 0;
  #waysToKeep = 0;

  constructor(surface: Surface, options: FuzzOptions) {
    this.#surface = surface;
    this.#options = options;
  }

  get goesOn(): boolean {
    return this.#cases < this.#options.cases && this.#findings.length < MAX_FINDINGS;
  }

  /** The kept inputs are over: what goes a new way now is worth keeping. */
  beginNewInputs(): void {
    this.#waysToKeep = this.#options.keepWays ?? 0;
  }

  inputs(): Uint8Array[] {
    const { cases, seed } = this.#options;
    const count = Math.min(BATCH, cases - this.#cases);
    return Array.from(
      { length: count },
      (_, i) => this.#surface.generate(new FuzzRandom(seed, this.#cases + i), this.#pool),
    );
  }

  async batch(inputs: readonly Uint8Array[]): Promise<void> {
    const first = this.#cases;
    const open = new Set(inputs.keys());
    const over = inputs.map(async (input, i) => {
      try {
        this.#note(input, await this.#surface.run(input));
      } catch (error) {
        this.#find(input, first + i, error);
      } finally {
        open.delete(i);
      }
    });
    await this.#untilOver(over, open);
    for (const i of open) this.#find(inputs[i] as Uint8Array, first + i, new Error("it gets no answer"));
    this.#cases += inputs.length;
    await this.#surface.between?.(this.#cases / this.#options.cases);
    this.#options.onProgress?.(this.#cases);
  }

  /** Looks at memory at the beginning, at the end, and between them evenly. */
  async sampleMemoryIfDue(): Promise<void> {
    const { cases, memorySamples = DEFAULT_MEMORY_SAMPLES } = this.#options;
    if (memorySamples === 0 || this.#cases < this.#memory.length * cases / (memorySamples - 1)) return;
    const bytes = this.#surface.memoryBytes === undefined ? await heapBytes() : await this.#surface.memoryBytes();
    if (bytes !== undefined) this.#memory.push({ cases: this.#cases, bytes });
  }

  report(seconds: number): FuzzReport {
    return {
      cases: this.#cases,
      answered: this.#answered,
      seconds,
      ways: this.#ways,
      findings: this.#findings,
      memory: this.#memory,
      isMemoryJudged: isJudged(this.#memory),
      memoryProblem: growthProblem(this.#memory),
      growthPerCase: growthPerCase(this.#memory),
    };
  }

  async #untilOver(over: readonly Promise<void>[], open: ReadonlySet<number>): Promise<void> {
    const { silenceMs = DEFAULT_SILENCE_MS } = this.#options;
    if (this.#surface.passTime === undefined) {
      const silence = new AbortController();
      const silent = setTimeout(silenceMs, undefined, { signal: silence.signal }).catch(() => {});
      await Promise.race([Promise.all(over), silent]);
      silence.abort();
      return;
    }
    const startedMs = performance.now();
    while (open.size > 0 && performance.now() - startedMs < silenceMs) await this.#surface.passTime();
  }

  #note(input: Uint8Array, { isAnswered, way }: Outcome): void {
    if (isAnswered) this.#answered++;
    const seen = this.#ways.get(way) ?? 0;
    this.#ways.set(way, seen + 1);
    if (seen > 0) return;
    if (this.#pool.length < MAX_POOL) this.#pool.push(input);
    if (this.#waysToKeep === 0) return;
    if (this.#options.corpus.keep(input, way) !== undefined) this.#waysToKeep--;
  }

  #find(input: Uint8Array, index: number, error: unknown): void {
    const problem = error instanceof Error ? error.stack ?? error.message : String(error);
    const file = this.#options.corpus.keep(input, `found ${problem.slice(0, 40)}`, true);
    this.#findings.push({ problem, index, input, file });
  }
}
