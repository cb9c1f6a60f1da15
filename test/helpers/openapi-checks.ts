/**
 * Compares responses with what an OpenAPI document says of them. Imports no `node:` module.
 *
 * @module
 */
import { expect } from "vitest";

/** As much of an OpenAPI 3.1 document as is looked at here. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Reference[];
  readonly responses: Readonly<Record<string, ResponseObject | Reference>>;
}

interface ResponseObject {
  readonly headers?: Readonly<Record<string, HeaderObject | Reference>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

interface HeaderObject {
  readonly required?: boolean;
  readonly schema: { readonly const?: string; readonly enum?: readonly string[]; readonly pattern?: string };
}

interface Reference {
  readonly $ref: string;
}

/** What was asked. */
export interface Asked {
  readonly method: string;
  /** Path of the document, with its `{parameters}`. */
  readonly template: string;
}

/** Demands that the document knows the response: its status, its media type, its headers and their values. */
export function expectDocumented(document: OpenApiDocument, { method, template }: Asked, response: Response): void {
  const operation = document.paths[template]?.[method === "HEAD" ? "get" : method.toLowerCase()];
  const what = `${method} ${template} ${response.status}`;
  expect(operation, what).toBeDefined();
  const documented = operation?.responses[String(response.status)];
  expect(documented, what).toBeDefined();
  const { headers = {}, content } = resolved(document, documented as ResponseObject | Reference);
  // What answers HEAD and 304 is described by the answer to GET.
  if (content !== undefined) expect(Object.keys(content), what).toContain(response.headers.get("content-type"));
  for (const [name, header] of Object.entries(headers)) expectHeader(document, { name, header, response, what });
}

/** The object at the end of a reference. */
export function resolved<T extends object>(document: OpenApiDocument, value: T | Reference): T {
  if (!("$ref" in value)) return value;
  const [, , kind, name] = value.$ref.split("/");
  const found = document.components[kind as string]?.[name as string];
  expect(found, value.$ref).toBeDefined();
  return found as T;
}

function expectHeader(document: OpenApiDocument, { name, header, response, what }: {
  readonly name: string;
  readonly header: HeaderObject | Reference;
  readonly response: Response;
  readonly what: string;
}): void {
  const { required = false, schema } = resolved(document, header);
  const value = response.headers.get(name);
  if (value === null) {
    expect(required, `${what} has no ${name}`).toBe(false);
    return;
  }
  if (schema.const !== undefined) expect([what, name, value]).toEqual([what, name, schema.const]);
  if (schema.enum !== undefined) expect(schema.enum, `${what} ${name}`).toContain(value);
  if (schema.pattern !== undefined) expect(value, `${what} ${name}`).toMatch(new RegExp(schema.pattern));
}
