import { buildDevnetWorld } from "../helpers/devnet-world.ts";
import { startSeededWorker } from "../helpers/seeded-worker.ts";
import { describeConformance } from "./suite.ts";
import { TARGET_CONFIG } from "./target.ts";

describeConformance("the deployed Worker", async (blocks) => {
  const world = await buildDevnetWorld({ blocks });
  const { worker: { url }, close } = await startSeededWorker(world, { STORAGE_SERVICE: TARGET_CONFIG });
  return { world, url, close, hangUp: "reset", compresses: false };
});
