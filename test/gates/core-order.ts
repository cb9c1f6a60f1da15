/**
 * The dependency order inside core. A layer may import itself and what stands in its list, nothing else.
 *
 * @module
 */

/** Ports that everything above `bytes` may use. */
const LOW_PORTS = ["hasher", "clock", "random", "log", "metrics", "signatures"];

const BASE = ["errors", "bytes"];
const CHAIN = [...BASE, "low ports", "chain"];
const TRUST = [...CHAIN, "merkle", "trust"];
const PORTS = [...TRUST, "wire", "ports"];
const CLIENT = [...PORTS, "ledger", "notifications", "data-client"];

/** What each layer may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "errors": [],
  "bytes": ["errors"],
  "low ports": BASE,
  "chain": [...BASE, "low ports"],
  "merkle": CHAIN,
  "trust": [...CHAIN, "merkle"],
  "wire": TRUST,
  "ports": [...TRUST, "wire"],
  "ledger": PORTS,
  "notifications": PORTS,
  "storage-service": [...PORTS, "ledger", "notifications"],
  "data-client": [...PORTS, "ledger", "notifications"],
  "streaming": CLIENT,
  "driver": [...CLIENT, "streaming"],
  "backup": [...PORTS, "ledger"],
  "light-client": [...PORTS, "data-client: peer choice and scores"],
  "config": ["errors"],
};

/** What light clients may take from the data client. */
const PEER_CHOICE = /^core\/data-client\/(peer-[a-z-]+|config)\.ts$/;

/**
 * The layer of a core file; `undefined` if its place is not one that the architecture names.
 *
 * @param file Path from the root, such as `core/merkle/sparse.ts`.
 */
export function layerOf(file: string): string | undefined {
  const [, folder = "", name = ""] = file.split("/");
  if (folder === "mod.ts") return "mod";
  if (folder === "errors.ts" || folder === "config.ts") return folder.slice(0, -3);
  if (folder === "ports") return LOW_PORTS.some((port) => name.startsWith(port)) ? "low ports" : "ports";
  return folder in MAY_IMPORT && name !== "" ? folder : undefined;
}

/** Whether one core file may import another. */
export function mayImport(from: string, to: string): boolean {
  const [fromLayer, toLayer] = [layerOf(from), layerOf(to)];
  if (fromLayer === undefined || toLayer === undefined || toLayer === "mod") return false;
  if (fromLayer === "mod" || fromLayer === toLayer) return true;
  if (fromLayer === "light-client" && toLayer === "data-client") return PEER_CHOICE.test(to);
  return (MAY_IMPORT[fromLayer] ?? []).includes(toLayer);
}
