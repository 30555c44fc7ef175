import { counted } from "@graft/terminal";
import type { SearchResult } from "@graft/protocol";
import { Instant } from "./instant.tsx";
import { LINKS } from "./links.ts";
import { size } from "./size.ts";

/** Adapters, one under another: what each does, how, and on what. `level` is that of the headings. */
export function AdapterList({ adapters, level = 2 }: { readonly adapters: readonly SearchResult[]; readonly level?: 2 | 3 }) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <ul class="adapters">
      {adapters.map((adapter) => (
        <li>
          <Heading>
            <a href={LINKS.adapter(adapter.name)}>{adapter.name}</a>
          </Heading>
          {adapter.description === undefined ? null : <p>{adapter.description}</p>}
          <div class="row small quiet-text">
            <a class="chip" href={LINKS.search({ task: adapter.task })}>
              {adapter.task}
            </a>
            <a class="chip" href={LINKS.search({ method: adapter.method })}>
              {adapter.method}
            </a>
            <a class="chip" href={LINKS.base(adapter.base)}>
              {adapter.baseName}
            </a>
            <span>{adapter.version}</span>
            {adapter.rank === undefined ? null : <span>rank {adapter.rank}</span>}
            <span>{size(adapter.size)}</span>
            <span>{counted(adapter.downloads, "download")}</span>
            <span>
              published <Instant at={adapter.publishedAt} />
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}
