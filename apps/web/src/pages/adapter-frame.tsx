import type { VersionRecord } from "@graft/protocol";
import type { Child } from "hono/jsx";
import { Page } from "../layout/page.tsx";
import { LINKS } from "../parts/links.ts";

/** The pages about one adapter. */
const TABS = [
  ["about", "About"],
  ["versions", "Versions"],
  ["inside", "Inside"],
  ["try", "Try it"],
] as const;

/** What the pages about one adapter share: its name, what it does, and the way between them. */
export interface AdapterFrameProps {
  readonly record: VersionRecord;
  readonly tab: (typeof TABS)[number][0];
  readonly title?: string;
  readonly scripts?: readonly string[];
  readonly canonical: string;
  readonly children?: Child;
}

/** A page about one adapter, under its name. */
export function AdapterFrame({ record, tab, title, scripts = [], canonical, children }: AdapterFrameProps) {
  const { name, version, manifest } = record;
  const [scope = "", short = ""] = name.split("/");
  return (
    <Page
      title={title ?? name}
      description={manifest.description ?? `${manifest.task.type} on ${manifest.base.name}, trained by ${manifest.method.name}`}
      canonical={canonical}
      feed={LINKS.adapterPage(name, "feed.xml")}
      picture={`/${name}/picture.png`}
      scripts={["copy", ...scripts]}
    >
      <h1>
        <a href={`/${scope}`}>{scope}</a>/{short} <span class="chip">{version}</span>
      </h1>
      {record.deprecated === undefined ? null : (
        <div class="notice warn" role="note">
          <p>
            <strong>This version is deprecated.</strong> {record.deprecated}
          </p>
        </div>
      )}
      {manifest.description === undefined ? null : <p class="lead">{manifest.description}</p>}
      <nav class="tabs" aria-label="About this adapter">
        {TABS.map(([id, label]) => (
          <a
            href={id === "about" ? LINKS.adapter(name) : LINKS.adapterPage(name, id)}
            {...(id === tab ? { "aria-current": "page" as const } : {})}
          >
            {label}
          </a>
        ))}
      </nav>
      {children}
    </Page>
  );
}
