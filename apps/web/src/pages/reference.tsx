import { Page } from "../layout/page.tsx";

/** What is shown of an OpenAPI document. */
export interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
  }[];
  readonly responses?: Readonly<Record<string, { readonly description?: string }>>;
}

/** Every route of the protocol, out of the document that describes them to programs. */
export function Reference({ document }: { readonly document: OpenApi }) {
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const groups = Map.groupBy(routes, ({ operation }) => operation.tags?.[0] ?? "other");
  return (
    <Page title="Protocol reference" description="Every route of this registry" canonical="/reference">
      <h1>{document.info.title}</h1>
      <p class="lead">
        Version {document.info.version}. Programs read the same as <a href="/v1/openapi.json">OpenAPI</a>.
      </p>
      {[...groups].map(([group, members]) => (
        <section aria-label={group}>
          <h2>{group}</h2>
          {members.map(({ path, method, operation }) => (
            <details>
              <summary>
                <code>
                  {method} {path}
                </code>{" "}
                {operation.summary ?? ""}
                {(operation.security ?? []).length > 0 ? <span class="chip">token</span> : null}
              </summary>
              {operation.description === undefined ? null : <p>{operation.description}</p>}
              <dl class="facts">
                {(operation.parameters ?? []).map((parameter) => (
                  <>
                    <dt>
                      <code>{parameter.name}</code> in the {parameter.in}
                    </dt>
                    <dd>
                      {parameter.required === true ? "required" : "optional"}
                      {parameter.description === undefined ? "" : `: ${parameter.description}`}
                    </dd>
                  </>
                ))}
                {Object.entries(operation.responses ?? {}).map(([status, response]) => (
                  <>
                    <dt>{status}</dt>
                    <dd>{response.description ?? ""}</dd>
                  </>
                ))}
              </dl>
            </details>
          ))}
        </section>
      ))}
    </Page>
  );
}
