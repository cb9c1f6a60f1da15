import { describe, expect, it } from "vitest";
import { FRAMEWORK_ADDRESS } from "../../../core/chain/address.ts";
import {
  type ContractEvent,
  decodeContractEvent,
  encodeContractEvent,
  isNewEpochEvent,
  skipContractEvent,
} from "../../../core/chain/event.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { anyEvent } from "../../helpers/state-arbitraries.ts";

layoutContract("ContractEvent", {
  arbitrary: anyEvent,
  encode: encodeContractEvent,
  decode: decodeContractEvent,
  skip: skipContractEvent,
});

describe("an event that begins an epoch", () => {
  const event = (kind: "v1" | "v2", name: string, change: Partial<StructFields> = {}): ContractEvent => {
    const struct = { address: FRAMEWORK_ADDRESS, module: "reconfiguration", typeArguments: [], name, ...change };
    const common = { type: { kind: "struct", struct }, data: new Uint8Array(8) } as const;
    if (kind === "v2") return { kind, ...common };
    return { kind, key: { creationNumber: 2n, address: FRAMEWORK_ADDRESS }, sequenceNumber: 5n, ...common };
  };
  interface StructFields {
    readonly address: Uint8Array;
    readonly module: string;
    readonly typeArguments: readonly { readonly kind: "u8" }[];
  }

  it.each<[string, ContractEvent, boolean]>([
    ["NewEpochEvent, V1", event("v1", "NewEpochEvent"), true],
    ["NewEpoch, V2", event("v2", "NewEpoch"), true],
    ["NewEpoch, V1", event("v1", "NewEpoch"), false],
    ["NewEpochEvent, V2", event("v2", "NewEpochEvent"), false],
    ["of another module", event("v2", "NewEpoch", { module: "reconfiguratiom" }), false],
    ["of another address", event("v2", "NewEpoch", { address: new Uint8Array(32) }), false],
    ["with type arguments", event("v2", "NewEpoch", { typeArguments: [{ kind: "u8" }] }), false],
    ["of a longer name", event("v2", "NewEpochs"), false],
    ["of a primitive type", { kind: "v2", type: { kind: "u8" }, data: new Uint8Array(0) }, false],
  ])("%s", (_, value, expected) => {
    expect(isNewEpochEvent(encodeContractEvent(value))).toBe(expected);
  });
});
