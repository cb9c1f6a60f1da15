/**
 * How a Move function stops before its end: with an abort code of its module, or because it cannot be called at all.
 *
 * @module
 */
import { FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import type { ExecutionStatus } from "../../core/chain/execution-status.ts";

/** The categories of `0x1::error` that are used here. */
export const ABORT_CATEGORY = {
  invalidArgument: 1n,
  outOfRange: 2n,
  invalidState: 3n,
  permissionDenied: 5n,
  notFound: 6n,
} as const;

/** An abort that a module of the framework declares. */
export interface DeclaredAbort {
  /** Name of the framework's module. */
  readonly module: string;
  /** One of {@link ABORT_CATEGORY}. */
  readonly category: bigint;
  /** The reason, 1 to 65535. */
  readonly reason: bigint;
  /** Name of the constant in the module. */
  readonly reasonName: string;
  /** What the module says about it. */
  readonly description: string;
}

/** Thrown by functions of the framework, and turned into the status of the transaction that called them. */
export class MoveStop extends Error {
  /** Name of the class. */
  override readonly name = "MoveStop";
  /** How the transaction ends. */
  readonly status: ExecutionStatus;

  /**
   * Stops a function.
   *
   * @param status How the transaction ends.
   */
  constructor(status: ExecutionStatus) {
    super(`Cannot go on: ${status.kind}`);
    this.status = status;
  }
}

/** Demands `condition`, or aborts. */
export function assertMove(condition: boolean, abort: DeclaredAbort): asserts condition {
  if (condition) return;
  const { module, category, reason, reasonName, description } = abort;
  throw new MoveStop({
    kind: "moveAbort",
    location: { kind: "module", module: { address: FRAMEWORK_ADDRESS, name: module } },
    code: (category << 16n) | reason,
    info: { reasonName, description },
  });
}
