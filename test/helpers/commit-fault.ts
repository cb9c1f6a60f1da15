/**
 * Decorators of the {@link OrderedKv} port that fail on purpose.
 *
 * @module
 */
import { SyncError } from "../../core/errors.ts";
import type { OrderedKv } from "../../core/ports/ordered-kv.ts";

/** How a commit fails: nothing was written, or all of it was and nobody was told. */
export type CommitFault = "lost" | "unacknowledged";

/** A store whose commit number `failAt` (from 0) fails; all others work. */
export function withCommitFault(kv: OrderedKv, failAt: number, fault: CommitFault): OrderedKv {
  let commits = 0;
  return {
    get: (key) => kv.get(key),
    getMany: (keys) => kv.getMany(keys),
    scan: (range, options) => kv.scan(range, options),
    close: () => kv.close(),
    async commit(batch, options) {
      if (commits++ !== failAt) return await kv.commit(batch, options);
      if (fault === "unacknowledged") await kv.commit(batch, options);
      throw new SyncError("STORAGE_FAILED", `Cannot commit: commit ${failAt} was ${fault} on purpose`);
    },
  };
}
