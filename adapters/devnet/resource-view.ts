/**
 * Resources as a view of the state shows them.
 *
 * @module
 */
import { decodeStateValue } from "../../core/chain/state-value.ts";
import type { StateView } from "../../core/ports/executor.ts";
import type { ResourceType } from "./move-resource.ts";

/** The resource of an account, or `undefined`. */
export async function findResource<T>(
  view: StateView,
  type: ResourceType<T>,
  address: Uint8Array,
): Promise<T | undefined> {
  const [value] = await view.read([type.slot(address).keyBytes]);
  return value === undefined ? undefined : type.decode(decodeStateValue(value).data);
}
