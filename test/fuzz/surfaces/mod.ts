/**
 * Every surface that takes bytes from anybody.
 *
 * @module
 */
import type { Surface } from "../fuzzer.ts";
import { openGetSurface, openPostSurface } from "./app.ts";
import { openClientSurface } from "./client.ts";
import { openLargeSurface } from "./large.ts";
import { openServerSurface } from "./server.ts";

/** How a surface is opened, and how many cases are run if nobody says. */
export interface SurfaceEntry {
  readonly open: () => Promise<Surface>;
  readonly cases: number;
}

const MILLION = 1_000_000;

/** All of them, by name. */
export const SURFACES: Readonly<Record<string, SurfaceEntry>> = {
  server: { open: openServerSurface, cases: MILLION },
  get: { open: openGetSurface, cases: MILLION },
  post: { open: openPostSurface, cases: MILLION },
  // Loaded when they are wanted: wrangler is large.
  node: { open: async () => await (await import("./sockets.ts")).openNodeSurface(), cases: 100_000 },
  worker: { open: async () => await (await import("./sockets.ts")).openWorkerSurface(), cases: 10_000 },
  client: { open: openClientSurface, cases: MILLION },
  large: { open: openLargeSurface, cases: 40_000 },
};
