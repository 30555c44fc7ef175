import type { SearchFacet, SearchResult } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { AdapterList } from "../parts/adapter-list.tsx";
import { Command } from "../parts/command.tsx";
import { LINKS } from "../parts/links.ts";
import { count } from "../parts/size.ts";

/** What the first page shows. */
export interface HomeProps {
  readonly origin: string;
  readonly newest: readonly SearchResult[];
  readonly popular: readonly SearchResult[];
  readonly tasks: readonly SearchFacet[];
}

/** What this is, what is new, and how to take part. */
export function Home({ origin, newest, popular, tasks }: HomeProps) {
  return (
    <Page title="Graft" description="Task adapters for the models you already have" canonical="/" feed="/feed.xml" scripts={["copy"]}>
      <h1>One base, many tasks</h1>
      <p class="lead">
        An adapter is the small trained difference between a model and the same model that is good at your task. It is megabytes where a
        copy is gigabytes. Every adapter here names the exact weights it fits, is signed, and never changes once it is published.
      </p>
      <p class="row">
        <a class="button" href="/fits">
          What fits my model?
        </a>
        <a class="button quiet" href="/search">
          Browse all adapters
        </a>
      </p>
      {tasks.length === 0 ? null : (
        <section aria-labelledby="tasks">
          <h2 id="tasks">By task</h2>
          <p class="row">
            {tasks.map(({ value, count: number, isMore }) => (
              <a class="chip" href={LINKS.search({ task: value })}>
                {value} <span class="quiet-text">{`${count(number)}${isMore ? "+" : ""}`}</span>
              </a>
            ))}
          </p>
        </section>
      )}
      <div class="grid">
        <section aria-labelledby="newest">
          <h2 id="newest">Newest</h2>
          {newest.length === 0 ? <p>Nothing is published here yet.</p> : <AdapterList adapters={newest} level={3} />}
        </section>
        <section aria-labelledby="popular">
          <h2 id="popular">Most downloaded</h2>
          {popular.length === 0 ? <p>Nothing is published here yet.</p> : <AdapterList adapters={popular} level={3} />}
        </section>
      </div>
      <section aria-labelledby="publish">
        <h2 id="publish">Publish one of yours</h2>
        <Command label="Sign in">{`graft login --registry ${origin}`}</Command>
        <Command label="Train an adapter">graft train --base ./model --data rows.jsonl --output adapter.safetensors</Command>
        <Command label="Publish it">graft publish adapter.safetensors --name @you/task --version 1.0.0</Command>
      </section>
    </Page>
  );
}
