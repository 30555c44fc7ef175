import type { Child } from "hono/jsx";

/** Names and values; a value that is absent takes its name with it. */
export function Facts({ children }: { readonly children: readonly (readonly [string, Child | undefined])[] }) {
  return (
    <dl class="facts">
      {children.map(([name, value]) =>
        value === undefined || value === null || value === "" ? null : (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ),
      )}
    </dl>
  );
}
