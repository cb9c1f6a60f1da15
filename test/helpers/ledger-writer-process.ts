/**
 * A process that commits blocks of a synthetic ledger to a directory until it is killed:
 * `ledger-writer-process.ts DIRECTORY SEED BLOCKS`. Prints the version after each commit.
 *
 * @module
 */
import { openLedgerDirectoryWriter } from "../../adapters/sqlite/ledger-directory.ts";
import { commitBlock, ledgerContext } from "./ledger-checks.ts";
import { createSyntheticLedger, planOfBlock } from "./synthetic-ledger.ts";

const [directory, seed, blocks] = process.argv.slice(2);
if (directory === undefined) throw new Error("Cannot write: the first argument must be the directory");
const context = ledgerContext();
const reference = createSyntheticLedger(context, Number(seed));
const first = reference.next(planOfBlock(0));
const ledger = await openLedgerDirectoryWriter(directory, { context, waypoint: reference.waypoint() });
let block = first;
for (let number = 0; number < Number(blocks); number++) {
  if (number > 0) block = reference.next(planOfBlock(number));
  const { preCommittedVersion } = await ledger.progress();
  if (block.chunk.firstVersion <= (preCommittedVersion ?? -1n)) continue;
  await commitBlock(ledger, reference, block);
  console.log(String(reference.versions.length - 1));
  await new Promise((resolve) => setImmediate(resolve)); // lets the line leave
}
await ledger.close();
