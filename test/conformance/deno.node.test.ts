import { startServeTarget } from "./serve-target.ts";
import { describeConformance } from "./suite.ts";

describeConformance("velor-sync serve on Deno", startServeTarget("deno"));
