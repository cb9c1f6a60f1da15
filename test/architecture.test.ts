import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  coreOrderViolations,
  corePackageViolations,
  cycleViolations,
  fileLengthViolations,
  topLevelViolations,
  verifiedMarkViolations,
  zoneViolations,
} from "./gates/architecture-rules.ts";
import { readModuleGraph } from "./gates/module-graph.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("architecture", () => {
  const graph = readModuleGraph(root);

  it("sees the import graph", () => {
    expect(graph.size).toBeGreaterThan(50);
    expect(graph.get("core/chain/bcs.ts")?.files).toContain("core/errors.ts");
  });

  it("keeps core ← adapters ← worker ← test", () => expect(zoneViolations(graph)).toEqual([]));
  it("keeps foreign packages out of core", () => expect(corePackageViolations(graph)).toEqual([]));
  it("keeps the dependency order inside core", () => expect(coreOrderViolations(graph)).toEqual([]));
  it("has no import cycle", () => expect(cycleViolations(graph)).toEqual([]));
  it("lets only verifiers mark values as verified", () => expect(verifiedMarkViolations(root)).toEqual([]));
  it("has no file above the hard budget", () => expect(fileLengthViolations(root)).toEqual([]));
  it("has a closed top level", () => expect(topLevelViolations(root)).toEqual([]));
});
