import type { VersionRecord } from "@graft/protocol";
import { LINKS } from "../parts/links.ts";
import { AdapterFrame } from "./adapter-frame.tsx";

/** What the file holds. The page reads it by ranges: the header, then what is looked at. */
export function Inside({ record }: { readonly record: VersionRecord }) {
  return (
    <AdapterFrame
      record={record}
      tab="inside"
      title={`Inside ${record.name}`}
      canonical={LINKS.adapterPage(record.name, "inside")}
      scripts={["inside"]}
    >
      <graft-inside data-digest={record.digest}>
        <p>This page reads the file itself, so it needs a browser that runs scripts. The command line shows the same:</p>
        <pre>
          <code>{`graft pull ${record.name}@${record.version} --output adapter.safetensors\ngraft inspect adapter.safetensors --spectrum`}</code>
        </pre>
      </graft-inside>
    </AdapterFrame>
  );
}
