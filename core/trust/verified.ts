/**
 * The brand that separates what was verified from what was merely received.
 *
 * @module
 */

declare const verified: unique symbol;

/**
 * A `T` that some verifier has checked against something trusted. Stores and notifications accept nothing else.
 *
 * The brand exists for the compiler alone; at run time the value is the `T` itself. It says that the value was right when
 * it was branded, so neither it nor the bytes it views may be changed afterwards.
 */
export type Verified<T> = T & { readonly [verified]: true };

/**
 * Brands `value`. The one way to make a {@link Verified}, so that who may do it can be checked: only verifiers in
 * `core/trust`, `core/driver` and `core/light-client`, the import of genesis in `core/ledger`, and the devnet, which is an
 * authority of its own.
 */
export function markVerified<T>(value: T): Verified<T> {
  return value as Verified<T>;
}
