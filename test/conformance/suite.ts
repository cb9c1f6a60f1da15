/**
 * The conformance suite: what every server of this protocol does, whatever it runs on.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HEALTH_PATH, OPENAPI_PATH } from "../../adapters/http/openapi.ts";
import type { DevnetWorld } from "../helpers/devnet-world.ts";
import { expectDocumented } from "../helpers/openapi-checks.ts";
import { describeGets, expectReadableByPages } from "./gets.ts";
import { describePosts } from "./posts.ts";
import { type RunningTarget, type Target, targetOf } from "./target.ts";
import { describeWaiting, startLongWait } from "./waiting.ts";

/** Blocks of the world: three ended epochs and an open one. */
const BLOCKS = 8;

/** Starts a server over the ledger of a new world of so many blocks. */
export type StartServer = (blocks: number) => Promise<RunningTarget & { readonly world: DevnetWorld }>;

/** Declares the suite for one server. */
export function describeConformance(name: string, start: StartServer): void {
  describe(name, () => {
    let target: Target;

    beforeAll(async () => {
      const { world, ...running } = await start(BLOCKS);
      target = await targetOf(world, running);
      startLongWait(target);
    });

    afterAll(() => target?.close());

    describeGets(() => target);
    describePosts(() => target);

    describe("health and API", () => {
      it.each([HEALTH_PATH, OPENAPI_PATH])("%s is JSON that nobody keeps and any page may read", async (path) => {
        for (const method of ["GET", "HEAD"]) {
          const response = await target.ask(path, { method });
          expect(response.status).toBe(200);
          expectDocumented(target.document, { method, template: path }, response);
          expectReadableByPages(response);
          await response.body?.cancel();
        }
      });

      it("tell where the ledger stands", async () => {
        const health = await (await target.ask(HEALTH_PATH)).json();
        const { committedVersion } = await target.world.ledger.progress();
        expect(health).toMatchObject({ status: "ok", committedVersion: String(committedVersion) });
      });

      it("are the same document on every server", async () => {
        expect(target.document).toEqual(await (await target.askReference(OPENAPI_PATH)).json());
      });
    });

    describeWaiting(() => target);
  });
}
