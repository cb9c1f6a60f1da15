/**
 * Auxiliary infos of lists that carry none.
 *
 * @module
 */
import { type Column, encodeColumn } from "../bytes/column.ts";
import { encodeAuxiliaryInfo } from "../chain/auxiliary-info.ts";

/** A column of `count` auxiliary infos that are all `None`: what a list of the older layout (V1) means. */
export function noAuxiliaryInfos(count: number): Column {
  const none = encodeAuxiliaryInfo({ kind: "none" });
  return encodeColumn(Array.from({ length: count }, () => none));
}
