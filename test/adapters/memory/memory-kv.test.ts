import { createMemoryDisk, createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { describeOrderedKv } from "../../contract/ordered-kv.ts";

describeOrderedKv({
  name: "memory",
  create: async () => {
    const disk = createMemoryDisk();
    return { open: async () => createMemoryKv(disk), openReader: async () => createMemoryKv(disk) };
  },
});
