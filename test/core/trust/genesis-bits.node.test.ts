import { describe, expect, it } from "vitest";
import { parseWaypoint } from "../../../core/trust/waypoint.ts";
import { flipGenesisBits, sampleBits } from "../../helpers/genesis-flips.ts";
import { createNodeHasher } from "../../helpers/node-hasher.ts";
import { hasRealData, realData } from "../../helpers/real-data.ts";

const FILES = [
  ["mainnet", "0:6072b68a942aace147e0655c5704beaa255c84a7829baa4e72a500f1516584c4", 300],
  ["devnet", "0:60d173fa4089ba2e45edbed9e82e5a5f9425d2f5cc9352b50e9c5e0d14c658e8", 300],
  ["ait3", "0:96d6b0c072ae759ee3d071d1b41a87b3bc983eb852a805e7054482235eace373", 300],
] as const;

const equal = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0;

/** About a thousand readings of a megabyte each: 5 s on a free core, several times that beside other tests. */
const TIMEOUT_MS = 240_000;

describe.skipIf(!hasRealData)("a published genesis with one bit flipped", () => {
  it.each(FILES)("%s is refused, wherever the bit is", { timeout: TIMEOUT_MS }, async (name, waypoint, sampled) => {
    const blob = await realData(`genesis/${name}.blob`);
    const bits = sampleBits(blob.length, 64, sampled);
    const verdicts = flipGenesisBits({ blob, waypoint: parseWaypoint(waypoint), bits }, createNodeHasher(), equal);
    const count = [...verdicts.values()].reduce((sum, list) => sum + list.length, 0);
    expect(count).toBe(2 * 512 + sampled);
    // Only the third byte, the variant of the write set, turns into one that may exist one day.
    expect(verdicts.get("UNSUPPORTED") ?? []).toEqual([17, 18, 19, 20, 21, 22, 23]);
    verdicts.delete("UNSUPPORTED");
    // A bit of a validator's index breaks their order; whether the sample has one depends on its seed.
    verdicts.delete("INVALID_SIGNERS");
    expect([...verdicts.keys()].toSorted()).toEqual(["MALFORMED_BCS", "WAYPOINT_MISMATCH"]);
  });
});
