/**
 * Why something failed, for the log.
 *
 * @module
 */

/** Most errors of a chain that are told: what causes itself must not hold up the log. */
const MAX_CAUSES = 4;

/** What was thrown and what caused it, each once: an error that tells its cause already is not followed by it. */
export function reasonOf(thrown: unknown): string {
  let reason = String(thrown);
  let cause = causeOf(thrown);
  for (let told = 0; cause !== undefined && told < MAX_CAUSES; told++) {
    const own = cause instanceof Error ? cause.message : String(cause);
    if (!reason.includes(own)) reason += `; cause: ${String(cause)}`;
    cause = causeOf(cause);
  }
  return reason;
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined;
}
