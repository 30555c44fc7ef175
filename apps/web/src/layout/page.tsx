import type { Child } from "hono/jsx";
import { ASSETS } from "../assets.ts";
import { Footer } from "./footer.tsx";
import { Header } from "./header.tsx";

/** A whole document. `title` is what tabs and search engines show; `scripts` are the parts of the page that come alive. */
export interface PageProps {
  readonly title: string;
  readonly description?: string | undefined;
  /** Path of this page without what changes nothing, for search engines. */
  readonly canonical?: string | undefined;
  /** Text of the search field. */
  readonly query?: string | undefined;
  /** Address of a feed of this page. */
  readonly feed?: string | undefined;
  /** Address of a picture for previews of links. */
  readonly picture?: string | undefined;
  readonly scripts?: readonly string[];
  readonly children?: Child;
}

/** The frame of every page: works without scripts, and says where a keyboard may skip to. */
export function Page(props: PageProps) {
  const title = props.title === "Graft" ? "Graft: npm for LoRA adapters" : `${props.title} · Graft`;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        {props.description === undefined ? null : <meta name="description" content={props.description} />}
        <meta property="og:title" content={title} />
        <meta property="og:description" content={props.description ?? "A registry of LoRA adapters, bound to the exact weights they fit"} />
        {props.picture === undefined ? null : <meta property="og:image" content={props.picture} />}
        {props.canonical === undefined ? null : <link rel="canonical" href={props.canonical} />}
        {props.feed === undefined ? null : <link rel="alternate" type="application/atom+xml" href={props.feed} title={title} />}
        <link rel="icon" href={ASSETS.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={ASSETS.styles} />
        {(props.scripts ?? []).map((name) => (
          <script type="module" src={ASSETS.script(name)} />
        ))}
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <Header query={props.query} />
        <main id="content" class="frame" tabindex={-1}>
          {props.children}
        </main>
        <Footer />
      </body>
    </html>
  );
}
