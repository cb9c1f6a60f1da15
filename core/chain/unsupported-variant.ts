/**
 * The error for an enum variant that a newer release of the chain may have added.
 *
 * @module
 */
import { SyncError } from "../errors.ts";

/**
 * `UNSUPPORTED`: the bytes may well be right, this build does not know them.
 *
 * It blames nobody, so bytes are hashed and compared with what is trusted before they are decoded.
 *
 * @param what Name of the enum.
 * @param index Index of the variant that was met.
 */
export function unsupportedVariant(what: string, index: number): SyncError {
  return new SyncError("UNSUPPORTED", `Cannot read ${what}: this build does not know variant ${index}`, {
    detail: { type: what, variant: index },
  });
}
