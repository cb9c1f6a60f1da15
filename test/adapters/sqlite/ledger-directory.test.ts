import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createLedgerDirectory,
  openLedgerDirectory,
  openLedgerDirectoryWriter,
  readLedgerDirectory,
} from "../../../adapters/sqlite/ledger-directory.ts";
import { isSyncError, type SyncErrorCode } from "../../../core/errors.ts";
import { commitBlock, expectLedgerEquals, ledgerContext } from "../../helpers/ledger-checks.ts";
import { createSyntheticLedger, planOfBlock } from "../../helpers/synthetic-ledger.ts";

const WRITER = new URL("../../helpers/ledger-writer-process.ts", import.meta.url).pathname;
const BLOCKS = 18;
const SEED = 33;
const context = ledgerContext();

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "velor-ledger-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "store");
}

async function expectCode(promise: Promise<unknown>, code: SyncErrorCode): Promise<void> {
  await expect(promise).rejects.toSatisfy((error) => {
    if (!isSyncError(error, code)) throw error;
    return true;
  });
}

function startWriter(directory: string): ChildProcess {
  const flags = "Deno" in globalThis ? ["run", "-A"] : [];
  const args = [...flags, WRITER, directory, String(SEED), String(BLOCKS)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Kills the child when it has printed `count` lines; resolves when it is gone, with the last version it printed. */
async function killAfter(child: ChildProcess, count: number): Promise<bigint> {
  let last = -1n;
  let seen = 0;
  child.stdout?.on("data", (data: Uint8Array) => {
    const lines = new TextDecoder().decode(data).trim().split("\n");
    last = BigInt(lines.at(-1) as string);
    seen += lines.length;
    if (seen >= count) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("exit", resolve));
  return last;
}

function wholeReference() {
  const reference = createSyntheticLedger(context, SEED);
  for (let number = 0; number < BLOCKS; number++) reference.next(planOfBlock(number));
  return reference;
}

describe("ledger directory", () => {
  it("creates, reopens and describes a ledger", async () => {
    const directory = temporaryDirectory();
    const reference = createSyntheticLedger(context, 1);
    const genesis = reference.next({ count: 1 });
    const waypoint = reference.waypoint();
    expect(await readLedgerDirectory(directory)).toBeUndefined();
    const created = await createLedgerDirectory(directory, { context, waypoint });
    await commitBlock(created, reference, genesis);
    await created.close();
    expect(await readLedgerDirectory(directory)).toMatchObject({ profile: "velor", chain: waypoint.value, waypoint });
    await expectCode(createLedgerDirectory(directory, { context, waypoint }), "STORAGE_CONFLICT");
    const other = { version: 0n, value: new Uint8Array(32) };
    await expectCode(openLedgerDirectoryWriter(directory, { context, waypoint: other }), "NETWORK_MISMATCH");
    const writer = await openLedgerDirectoryWriter(directory, { context, waypoint });
    await commitBlock(writer, reference, reference.next({ count: 3, endsEpoch: true }));
    await expectLedgerEquals(writer, reference, 4, context);
    await writer.close();
  });

  it("says clearly that there is no ledger, and makes nothing", async () => {
    const directory = temporaryDirectory();
    await expectCode(openLedgerDirectory(directory), "INVALID_ARGUMENT");
    expect(existsSync(directory)).toBe(false);
    const file = `${directory}-file`;
    writeFileSync(file, "");
    const waypoint = { version: 0n, value: new Uint8Array(32) };
    await expectCode(createLedgerDirectory(join(file, "below"), { context, waypoint }), "STORAGE_FAILED");
  });

  it("keeps a second writer out and lets readers follow", async () => {
    const directory = temporaryDirectory();
    const reference = createSyntheticLedger(context, 2);
    const genesis = reference.next({ count: 1 });
    const waypoint = reference.waypoint();
    const writer = await openLedgerDirectoryWriter(directory, { context, waypoint });
    await expectCode(openLedgerDirectoryWriter(directory, { context, waypoint }), "STORAGE_LOCKED");
    const { reader, context: theirs } = await openLedgerDirectory(directory);
    expect(theirs.profile.name).toBe("velor");
    await commitBlock(writer, reference, genesis);
    await commitBlock(writer, reference, reference.next({ count: 4 }));
    await expectLedgerEquals(reader, reference, 5, context);
    await reader.close();
    await writer.close();
    expect(readdirSync(directory).sort()).toEqual(["ledger.sqlite", "ledger.sqlite-lock"]);
  });

  it("holds every acknowledged chunk whole after kills, readable all the while, and ends the same", async () => {
    const directory = temporaryDirectory();
    const reference = wholeReference();
    for (const count of [1, 3, 6]) {
      const acknowledged = await killAfter(startWriter(directory), count);
      const { reader } = await openLedgerDirectory(directory);
      const { preCommittedVersion = -1n } = await reader.progress();
      expect(preCommittedVersion).toBeGreaterThanOrEqual(acknowledged);
      await expectLedgerEquals(reader, reference, Number(preCommittedVersion) + 1, context);
      await reader.close();
    }
    await killAfter(startWriter(directory), Infinity);
    const { reader } = await openLedgerDirectory(directory);
    await expectLedgerEquals(reader, reference, reference.versions.length, context);
    await reader.close();
  }, 60_000);
});
