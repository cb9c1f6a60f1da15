/**
 * The fuzzer: `npm run fuzz -- --surface server --cases 1000000 --seed 7`.
 *
 * Without a surface, all of them, each with its own number of cases. Prints the seed, which inputs went which way, the share
 * answered with data, the rate and the memory; ends with exit code 1 if anything is wrong. What fails is kept in
 * `test/fuzz/corpus` and replayed first the next time: that file makes a finding again, the seed alone need not, since inputs
 * are also made of those that went new ways before. `--keep 60` keeps up to so many of these too.
 *
 * The tests of the fuzzer replay the kept inputs of every surface but `worker`, whose server has to be
 * bundled and seeded first: `npm run fuzz -- --surface worker --cases 100` replays those.
 *
 * @module
 */
import { Command, Option } from "commander";
import { wholeNumber } from "../../adapters/cli/option-values.ts";
import { openCorpus } from "./corpus.ts";
import { fuzz, type FuzzReport } from "./fuzzer.ts";
import { LEAST_JUDGED_CASES } from "./memory.ts";
import { type SurfaceEntry, SURFACES } from "./surfaces/mod.ts";

/** Every surface must be answered with data so often, or the fuzzer only knocks at the door. */
const LEAST_ANSWERED = 0.3;

/** Tens of files a surface go most ways that matter, and more make the repository heavy. */
const MAX_KEPT = 100;

/** Most ways that are printed. */
const SHOWN_WAYS = 25;

interface FuzzOptions {
  readonly surface: readonly string[];
  readonly cases?: number;
  readonly seed: number;
  readonly keep: number;
}

const { surface: names, cases: wantedCases, seed, keep } = new Command("npm run fuzz --")
  .description("send what nobody should send to everything that takes bytes from anybody")
  .addOption(
    new Option("--surface <name...>", "what to send it to").choices(Object.keys(SURFACES))
      .default(Object.keys(SURFACES), "all"),
  )
  .addOption(
    new Option("--cases <n>", "inputs for each surface (default: each surface has its own number)")
      .argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
  )
  .addOption(
    new Option("--seed <n>", "decides the inputs").argParser(wholeNumber(0, Number.MAX_SAFE_INTEGER)).default(1),
  )
  .addOption(
    new Option("--keep <n>", "keep so many inputs in the corpus, each the first of a new way")
      .argParser(wholeNumber(0, MAX_KEPT)).default(0),
  )
  .parse()
  .opts<FuzzOptions>();

// What nobody awaits and nobody catches is a crash of whoever runs the server.
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error) => {
    console.error(`${event}, seed ${seed}:`, error);
    process.exit(1);
  });
}

let isSound = true;
for (const name of names) {
  if (!await fuzzSurface(name, SURFACES[name] as SurfaceEntry)) isSound = false;
}
process.exit(isSound ? 0 : 1);

async function fuzzSurface(name: string, { open, cases: usualCases }: SurfaceEntry): Promise<boolean> {
  const surface = await open();
  const cases = wantedCases ?? usualCases;
  console.log(`${name}: ${cases} cases from seed ${seed}`);
  const corpus = openCorpus(name, surface.extension);
  const cpuBefore = process.cpuUsage();
  const report = await fuzz(surface, { cases, seed, corpus, keepWays: keep, onProgress: progressLine(cases) });
  await surface.close();
  const { user, system } = process.cpuUsage(cpuBefore);
  return printReport(report, (user + system) / 1e6);
}

/** Tells how far it is, at every tenth. */
function progressLine(cases: number): (done: number) => void {
  let tenths = 0;
  return (done) => {
    if (done < (tenths + 1) * cases / 10) return;
    tenths = Math.floor(10 * done / cases);
    console.log(`  ${done} cases`);
  };
}

function printReport(report: FuzzReport, cpuSeconds: number): boolean {
  const { cases, answered, seconds, ways, findings, memory, memoryProblem } = report;
  const share = answered / cases;
  for (const [way, count] of [...ways].sort(([, a], [, b]) => b - a).slice(0, SHOWN_WAYS)) {
    console.log(`  ${String(count).padStart(9)} ${way}`);
  }
  console.log(
    `  ${ways.size} ways; ${(100 * share).toFixed(1)} % answered with data; ${
      (cases / seconds).toFixed(0)
    } cases a second, ` +
      `${(cases / cpuSeconds).toFixed(0)} a second of CPU`,
  );
  const megabytes = memory.map(({ bytes }) => (bytes / 1e6).toFixed(1)).join(" ");
  const judged = report.isMemoryJudged ? "" : `; not judged below ${LEAST_JUDGED_CASES} cases`;
  console.log(
    memory.length === 0
      ? "  memory: not judged, since nobody can tell what the server alone holds"
      : `  memory in MB: ${megabytes}; slope ${report.growthPerCase.toFixed(2)} bytes a case${judged}`,
  );
  const problems = [
    ...findings.map(({ index, problem, file }) => `seed ${seed}, case ${index}, kept in ${file}:\n${problem}`),
    ...(share < LEAST_ANSWERED ? [`less than ${100 * LEAST_ANSWERED} % are answered with data`] : []),
    ...(memoryProblem === undefined ? [] : [memoryProblem]),
  ];
  for (const problem of problems) console.log(`  WRONG: ${problem}`);
  return problems.length === 0;
}
