/**
 * Text for a terminal.
 *
 * @module
 */

/** Controls, invisible formatting, and separators of lines: what can move the cursor or pass for a line of its own. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** `text` on one line, with escapes such as `\u{1b}` for what a terminal would act on: some texts come from peers. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
