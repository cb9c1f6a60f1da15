import { describe, expect, it } from "vitest";
import { BcsCursor, encodeBcs } from "../../../core/chain/bcs.ts";
import type { LedgerInfo } from "../../../core/chain/ledger-info.ts";
import {
  formatWaypoint,
  parseWaypoint,
  readWaypoint,
  waypointOf,
  writeWaypoint,
} from "../../../core/trust/waypoint.ts";
import { fill, makeEpochChain } from "../../helpers/epoch-chain.ts";
import { APTOS, refusal, VELOR } from "../../helpers/trust-context.ts";

const HEX = "6072b68a942aace147e0655c5704beaa255c84a7829baa4e72a500f1516584c4";

describe("waypoint", () => {
  it.each([`0:${HEX}`, `998146172:${HEX}`, `18446744073709551615:${HEX}`])("reads and writes %s", (text) => {
    expect(formatWaypoint(parseWaypoint(text))).toBe(text);
  });

  it("ignores whitespace around the text, as files end with a line break", () => {
    expect(formatWaypoint(parseWaypoint(` 0:${HEX}\n`))).toBe(`0:${HEX}`);
  });

  it.each([
    ["no text", ""],
    ["no version", `:${HEX}`],
    ["no hash", "0:"],
    ["no colon", `0${HEX}`],
    ["a negative version", `-1:${HEX}`],
    ["a leading zero", `00:${HEX}`],
    ["a hexadecimal version", `0x1:${HEX}`],
    ["a version over 64 bits", `18446744073709551616:${HEX}`],
    ["a short hash", `0:${HEX.slice(2)}`],
    ["a long hash", `0:${HEX}00`],
    ["upper case", `0:${HEX.toUpperCase()}`],
    ["a third part", `0:${HEX}:1`],
  ])("refuses %s", (_, text) => {
    expect(() => parseWaypoint(text)).toThrow(expect.objectContaining(refusal("INVALID_ARGUMENT")));
  });

  it("reads from BCS what it writes", () => {
    const waypoint = parseWaypoint(`998146172:${HEX}`);
    const bytes = encodeBcs((writer) => writeWaypoint(writer, waypoint));
    expect(bytes).toHaveLength(40);
    expect(readWaypoint(new BcsCursor(bytes))).toEqual(waypoint);
  });
});

describe("waypoint of a ledger info", () => {
  const chain = makeEpochChain(VELOR, { epochs: 3 });
  const { ledgerInfo } = chain.endings[2] as { ledgerInfo: LedgerInfo };
  const text = (info: LedgerInfo, context = VELOR) => formatWaypoint(waypointOf(context, info));
  const changed = (part: Partial<LedgerInfo["commitInfo"]>): LedgerInfo => ({
    ...ledgerInfo,
    commitInfo: { ...ledgerInfo.commitInfo, ...part },
  });

  it.each([
    ["epoch", changed({ epoch: 9n })],
    ["accumulator root", changed({ executedStateId: fill(0xee) })],
    ["version", changed({ version: 201n })],
    ["time", changed({ timestampUsecs: 1n })],
    ["next validators", changed({ nextEpochState: chain.epochState(2) })],
    ["absence of next validators", changed({ nextEpochState: undefined })],
  ])("covers the %s", (_, info) => {
    expect(text(info)).not.toBe(text(ledgerInfo));
  });

  it.each([
    ["round", changed({ round: 1n })],
    ["block id", changed({ id: fill(0xee) })],
    ["consensus data hash", { ...ledgerInfo, consensusDataHash: fill(0xee) }],
  ])("leaves out the %s", (_, info) => {
    expect(text(info)).toBe(text(ledgerInfo));
  });

  it("is another one on a chain with another seed prefix", () => {
    expect(text(ledgerInfo, APTOS)).not.toBe(text(ledgerInfo));
  });
});
