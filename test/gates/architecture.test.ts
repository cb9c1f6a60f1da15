/**
 * The rules of the architecture are seen to refuse one violation of each.
 *
 * @module
 */

import { describe, expect, it } from "vitest";
import {
  coreOrderViolations,
  corePackageViolations,
  cycleViolations,
  fileLengthViolations,
  topLevelViolations,
  verifiedMarkViolations,
  zoneViolations,
} from "./architecture-rules.ts";
import { type ModuleGraph, readModuleGraph } from "./module-graph.ts";
import { createPlanter } from "./planted-tree.ts";

const plant = createPlanter();

describe("architecture", () => {
  const graph = (imports: Readonly<Record<string, readonly string[]>>): ModuleGraph =>
    new Map(Object.entries(imports).map(([file, files]) => [file, { files, others: [] }]));

  it("reads imports of every kind, between files and of packages", () => {
    const tree = plant({
      "core/mod.ts":
        `import { a } from "./bytes/a.ts";\nimport type { B } from "./bytes/b.ts";\nexport { c } from "./bytes/c.ts";\n` +
        `import "cbor-x/decode";\nexport const d = (): Promise<unknown> => import("./bytes/d.ts");\nexport const x: B = a;\n`,
      ...Object.fromEntries(["a", "c", "d"].map((name) => [`core/bytes/${name}.ts`, `export const ${name} = 1;\n`])),
      "core/bytes/b.ts": "export type B = number;\n",
    });
    const { files, others } = readModuleGraph(tree.root).get("core/mod.ts") ?? { files: [], others: [] };
    expect([...files].sort()).toEqual(["a", "b", "c", "d"].map((name) => `core/bytes/${name}.ts`));
    expect(others).toEqual(["cbor-x/decode"]);
  });

  it.each([
    ["core/mod.ts", "adapters/http/mod.ts"],
    ["core/mod.ts", "test/helpers/x.ts"],
    ["adapters/http/mod.ts", "worker/index.ts"],
    ["worker/index.ts", "test/x.ts"],
  ])("refuses that %s imports %s", (from, to) => {
    expect(zoneViolations(graph({ [from]: [to] }))).toHaveLength(1);
    expect(zoneViolations(graph({ [to]: [from] }))).toEqual([]);
  });

  it.each([
    ["core/errors.ts", "core/bytes/hex.ts"],
    ["core/bytes/hex.ts", "core/ports/clock.ts"],
    ["core/ports/hasher.ts", "core/chain/hash.ts"],
    ["core/chain/hash.ts", "core/merkle/sparse.ts"],
    ["core/merkle/jellyfish.ts", "core/ports/ordered-kv.ts"],
    ["core/merkle/sparse.ts", "core/trust/verified.ts"],
    ["core/trust/genesis.ts", "core/wire/request.ts"],
    ["core/wire/request.ts", "core/ports/transport.ts"],
    ["core/ports/transport.ts", "core/ledger/reader.ts"],
    ["core/ledger/reader.ts", "core/notifications/events.ts"],
    ["core/ledger/reader.ts", "core/storage-service/service.ts"],
    ["core/storage-service/service.ts", "core/data-client/client.ts"],
    ["core/data-client/client.ts", "core/storage-service/service.ts"],
    ["core/data-client/client.ts", "core/streaming/stream.ts"],
    ["core/streaming/stream.ts", "core/driver/driver.ts"],
    ["core/driver/driver.ts", "core/storage-service/service.ts"],
    ["core/driver/driver.ts", "core/mod.ts"],
    ["core/backup/read.ts", "core/driver/driver.ts"],
    ["core/light-client/light-client.ts", "core/ledger/reader.ts"],
    ["core/light-client/light-client.ts", "core/data-client/client.ts"],
  ])("refuses that %s imports %s", (from, to) => {
    expect(coreOrderViolations(graph({ [from]: [to], [to]: [] }))).toHaveLength(1);
  });

  it.each([
    ["core/chain/noble-hasher.ts", "core/ports/hasher.ts"],
    ["core/trust/genesis.ts", "core/merkle/sparse-root.ts"],
    ["core/trust/genesis.ts", "core/chain/write-set.ts"],
    ["core/wire/response.ts", "core/merkle/sparse.ts"],
    ["core/driver/driver.ts", "core/streaming/stream.ts"],
    ["core/light-client/light-client.ts", "core/data-client/peer-choice.ts"],
    ["core/mod.ts", "core/driver/driver.ts"],
  ])("lets %s import %s", (from, to) => {
    expect(coreOrderViolations(graph({ [from]: [to], [to]: [] }))).toEqual([]);
  });

  it("refuses a core file outside the folders of the architecture", () => {
    expect(coreOrderViolations(graph({ "core/util/x.ts": [] }))).toHaveLength(1);
    expect(coreOrderViolations(graph({ "core/stray.ts": [] }))).toHaveLength(1);
  });

  it("refuses foreign packages in core", () => {
    const graphOf = (...others: string[]): ModuleGraph => new Map([["core/wire/x.ts", { files: [], others }]]);
    expect(corePackageViolations(graphOf("hono", "cbor-x", "node:fs", "npm:left-pad"))).toHaveLength(4);
    expect(corePackageViolations(graphOf("cbor-x/decode", "@noble/hashes/sha3.js"))).toEqual([]);
  });

  it("refuses a cycle of any length, with its path", () => {
    expect(cycleViolations(graph({ a: ["b"], b: ["c"], c: ["a"], d: ["a"] }))).toEqual(["a → b → c → a is a cycle"]);
    expect(cycleViolations(graph({ a: ["a"] }))).toHaveLength(1);
    expect(cycleViolations(graph({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }))).toEqual([]);
  });

  it("refuses markVerified elsewhere, also through the whole module, and long files, and new top-level names", () => {
    const tree = plant({
      "core/merkle/named.ts": `import { markVerified } from "../trust/verified.ts";\nexport { markVerified };\n`,
      "core/merkle/whole.ts": `import * as all from "../trust/verified.ts";\nexport const x: unknown = all;\n`,
      "core/merkle/dynamic.ts": `export const x = (): Promise<unknown> => import("../trust/verified.ts");\n`,
      "core/trust/sound.ts": `import { markVerified } from "./verified.ts";\nexport { markVerified };\n`,
      "core/merkle/long.ts": "// x\n".repeat(401),
      "core/merkle/long-enough.ts": "// x\n".repeat(400),
      "scripts/x.sh": "",
      ".hidden/x": "",
    });
    expect(verifiedMarkViolations(tree.root).map((text) => text.split(" ")[0])).toEqual([
      "core/merkle/dynamic.ts",
      "core/merkle/named.ts",
      "core/merkle/whole.ts",
    ]);
    expect(fileLengthViolations(tree.root)).toEqual(["core/merkle/long.ts has 401 lines: at most 400"]);
    expect(topLevelViolations(tree.root)).toEqual(["scripts is not a name of the top level"]);
  });
});
