/**
 * The names of the tests in a file, read from its source: nothing is run.
 *
 * A name may have places that only a run fills: `$field` and `%s` of a table, `${…}` of a template. They match anything.
 *
 * @module
 */
import { parseAst } from "vitest/node";

/** What a test is called: its `describe`s and itself, outermost first. */
export type TestName = readonly string[];

/** Between the parts of a full name, as `vitest -t` and its reports have it. */
export const SEPARATOR = " > ";

/** Stands in a name for what the source does not say. */
const ANYTHING = "\u0000";

/** `$field.of.row`, `$0`, `%s`, `%#`: what vitest fills in from the rows of a table. */
const PLACEHOLDER = /\$[A-Za-z0-9_.]+|%[sdifjop#$c]/g;

const GROUPS = ["describe", "suite"];
const TESTS = ["it", "test"];

/** Part of a syntax tree. Only what is looked at. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The full names of all tests in `source`, in order. Those of tables stand as they are written. */
export function testNamesIn(source: string): TestName[] {
  const names: TestName[] = [];
  visit(parseAst(source, { lang: "ts" }) as unknown as Node, [], names);
  return names;
}

/** Tells whether `name` is the full name of one of `names`, or of a row of its table. */
export function isNamed(names: readonly TestName[], name: string): boolean {
  return names.some((parts) => patternOf(asWritten(parts)).test(name) || asWritten(parts) === asText(name));
}

/**
 * A regular expression for `vitest -t` that matches the test of this full name alone; for a table, all its rows if the
 * name stands as it is written.
 */
export function testNamePattern(name: string): string {
  return patternOf(asText(name).replaceAll(PLACEHOLDER, ANYTHING)).source;
}

/** A reference may write the placeholder of a template as the source does. */
function asText(name: string): string {
  return name.replaceAll(/\$\{[^}]*\}/g, ANYTHING);
}

function asWritten(parts: TestName): string {
  return parts.join(SEPARATOR);
}

function patternOf(name: string): RegExp {
  const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const places = name.replaceAll(PLACEHOLDER, ANYTHING).split(ANYTHING);
  return new RegExp(`^${places.map(literal).join(".*")}$`);
}

function visit(node: Node, groups: readonly string[], names: TestName[]): void {
  const named = node.type === "CallExpression" ? namedCall(node) : undefined;
  const inner = named?.kind === "group" ? [...groups, named.name] : groups;
  if (named?.kind === "test") names.push([...groups, named.name]);
  for (const child of childrenOf(node)) visit(child, inner, names);
}

/** The call `describe("…", …)` or `it("…", …)`, with any of `.each(…)`, `.skipIf(…)` and the like between. */
function namedCall(call: Node): { readonly kind: "group" | "test"; readonly name: string } | undefined {
  const root = rootName(call["callee"] as Node);
  const kind = GROUPS.includes(root) ? "group" : TESTS.includes(root) ? "test" : undefined;
  const [first] = call["arguments"] as readonly Node[];
  const name = kind === undefined || first === undefined ? undefined : textOf(first);
  return kind === undefined || name === undefined ? undefined : { kind, name };
}

/** The identifier that a chain of members and calls begins with. */
function rootName(callee: Node): string {
  switch (callee.type) {
    case "Identifier":
      return callee["name"] as string;
    case "MemberExpression":
      return rootName(callee["object"] as Node);
    case "CallExpression":
      return rootName(callee["callee"] as Node);
    case "TaggedTemplateExpression":
      return rootName(callee["tag"] as Node);
    default:
      return "";
  }
}

function textOf(node: Node): string | undefined {
  if (node.type === "Literal") return typeof node["value"] === "string" ? node["value"] : undefined;
  if (node.type !== "TemplateLiteral") return undefined;
  const quasis = node["quasis"] as readonly { readonly value: { readonly cooked: string } }[];
  return quasis.map(({ value }) => value.cooked).join(ANYTHING);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value): Node[] => {
    if (Array.isArray(value)) return value.filter(isNode);
    return isNode(value) ? [value] : [];
  });
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}
