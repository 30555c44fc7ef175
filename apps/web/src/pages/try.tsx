import type { Match, VersionRecord } from "@graft/protocol";
import type { ServedBase } from "../base-files.ts";
import { Command } from "../parts/command.tsx";
import { LINKS } from "../parts/links.ts";
import { size } from "../parts/size.ts";
import { AdapterFrame } from "./adapter-frame.tsx";

/** What is tried: an adapter, and others of its base beside it. */
export interface TryProps {
  readonly record: VersionRecord;
  /** Absent where this server does not give out the base. */
  readonly base: ServedBase | undefined;
  readonly others: readonly Match[];
}

/** Tasks that take a text: what a page can ask for. */
const OF_TEXT = new Set([
  "text-classification",
  "regression",
  "sentence-embeddings",
  "token-classification",
  "feature-extraction",
  "masked-language-modelling",
]);

/** The adapter on its base in this tab. What will be downloaded is said before anything is. */
export function Try({ record, base, others }: TryProps) {
  const { name, version, manifest } = record;
  return (
    <AdapterFrame
      record={record}
      tab="try"
      title={`Try ${name}`}
      canonical={LINKS.adapterPage(name, "try")}
      scripts={base === undefined ? [] : ["try"]}
    >
      {base === undefined || !OF_TEXT.has(manifest.task.type) ? (
        <>
          <p>
            {base === undefined
              ? `This server does not give out the base "${manifest.base.name}", so it cannot run in this page.`
              : `A page can try tasks on texts; this one is ${manifest.task.type}.`}{" "}
            On your machine, with the base at hand:
          </p>
          <Command label="try it">{`graft predict --base ./model --adapter ${name}@${version} "…"`}</Command>
        </>
      ) : (
        <>
          <p>
            The base ({size(base.size)}) and the adapter ({size(record.size)}) are fetched into this browser when you press the button,
            checked, and kept for the next time. What you type stays here.
          </p>
          <graft-try
            data-base={`${LINKS.base(record.base)}/files/`}
            data-adapter={`${name}@${version}`}
            data-others={JSON.stringify(
              others.filter((one) => one.name !== name && OF_TEXT.has(one.task)).map((one) => `${one.name}@${one.version}`),
            )}
          >
            <p>Needs a browser that runs scripts. On the command line:</p>
            <pre>
              <code>{`graft predict --base ./model --adapter ${name}@${version} "…"`}</code>
            </pre>
          </graft-try>
        </>
      )}
    </AdapterFrame>
  );
}
