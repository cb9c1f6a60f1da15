/**
 * What a command says: one JSON document on stdout with `--json`, aligned lines for people otherwise.
 *
 * Logs and progress never go to stdout, so that it can be piped.
 *
 * @module
 */
import { encodeHex } from "../../core/bytes/hex.ts";
import { isSyncError, type SyncErrorDetail, type SyncFault } from "../../core/errors.ts";

/** A value that a command can report. Byte strings are printed as hex, bigints as decimal digits. */
type ReportValue = string | number | bigint | boolean | undefined | Uint8Array | readonly Report[];

/** What a command found out, by camelCase key. Absent values are left out. */
export interface Report {
  readonly [key: string]: ReportValue;
}

/** Why a command failed, as printed with `--json`. */
export interface FailureReport {
  readonly error: {
    readonly code: string;
    readonly fault: SyncFault | "bug";
    readonly message: string;
    readonly detail?: Record<string, string | number | boolean>;
  };
}

/** The report as one line of JSON: hashes as hex, bigints as decimal strings. */
export function reportAsJson(report: Report): string {
  return JSON.stringify(
    report,
    (_key, value: unknown) =>
      value instanceof Uint8Array ? encodeHex(value) : typeof value === "bigint" ? value.toString() : value,
  );
}

/** The report as aligned `label  value` lines for people. Lists become indented blocks. */
export function reportAsText(report: Report, indent = ""): string {
  const entries = Object.entries(report).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...entries.map(([key]) => labelOf(key).length));
  return entries.map(([key, value]) => {
    const label = `${indent}${labelOf(key).padEnd(width)}`;
    if (!Array.isArray(value)) return `${label}  ${textOf(value)}`;
    return [label.trimEnd(), ...value.map((item: Report) => reportAsText(item, `${indent}  `))].join("\n");
  }).join("\n");
}

/** Describes anything thrown. What is not a {@link SyncError} is a defect of ours and says so. */
export function failureReport(error: unknown): FailureReport {
  if (isSyncError(error)) {
    const detail = plainDetail(error.detail);
    const { code, fault, message } = error;
    return { error: Object.keys(detail).length === 0 ? { code, fault, message } : { code, fault, message, detail } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { error: { code: "UNEXPECTED", fault: "bug", message } };
}

function plainDetail(detail: SyncErrorDetail): Record<string, string | number | boolean> {
  const plain: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(detail)) {
    if (value !== undefined) plain[key] = typeof value === "bigint" ? value.toString() : value;
  }
  return plain;
}

function labelOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function textOf(value: ReportValue): string {
  return value instanceof Uint8Array ? encodeHex(value) : String(value);
}
