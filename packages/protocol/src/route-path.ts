import { ROUTES, type RouteName } from "./routes.ts";

/** Names in braces of a path. */
type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | PathNames<Rest> : never;

/** What a route's path needs. */
export type PathParameters<Name extends RouteName> = Readonly<Record<PathNames<(typeof ROUTES)[Name]["path"]>, string>>;

/** Fills a route's path; every value is percent-encoded, so none can leave its place. */
export function routePath<Name extends RouteName>(route: Name, parameters: PathParameters<Name>): string {
  const values: Readonly<Record<string, string>> = parameters;
  return ROUTES[route].path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}

/** `@scope/name` as the two parts that stand in a path. */
export function splitName(name: string): { scope: string; name: string } {
  const slash = name.indexOf("/");
  return { scope: name.slice(name.startsWith("@") ? 1 : 0, slash), name: name.slice(slash + 1) };
}

/** The two parts of a path as `@scope/name`. */
export function joinName(parts: { readonly scope: string; readonly name: string }): string {
  return `@${parts.scope}/${parts.name}`;
}
