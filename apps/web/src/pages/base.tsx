import { counted } from "@graft/terminal";
import type { BaseRecord, Match, VersionRecord } from "@graft/protocol";
import { Leaderboard } from "../parts/leaderboard.tsx";
import { Page } from "../layout/page.tsx";
import { Command } from "../parts/command.tsx";
import { DigestText } from "../parts/digest-text.tsx";
import { Facts } from "../parts/facts.tsx";
import { Instant } from "../parts/instant.tsx";
import { LINKS } from "../parts/links.ts";
import { size } from "../parts/size.ts";
import { written } from "../parts/written.ts";

/** A base, what fits it, and the records of those whose results are compared. */
export interface BaseProps {
  readonly base: BaseRecord;
  readonly matches: readonly Match[];
  readonly declared: readonly VersionRecord[];
}

/** What a base is, which files hold it, and what fits it. */
export function Base({ base, matches, declared }: BaseProps) {
  return (
    <Page
      title={base.name}
      description={`Adapters for ${base.name}`}
      canonical={LINKS.base(base.fingerprint)}
      feed={`${LINKS.base(base.fingerprint)}/feed.xml`}
      scripts={["copy"]}
    >
      <h1>{base.name}</h1>
      <Facts>
        {[
          ["Family", base.family],
          ["Revision", base.revision],
          ["Source", base.source],
          ["Licence", base.license],
          ["Fingerprint", <code>{base.fingerprint}</code>],
          ["Matrices", counted(base.matrices.length, "matrix", "matrices")],
          ["Tokenizer", base.tokenizer === undefined ? undefined : <DigestText>{base.tokenizer}</DigestText>],
          ["Registered", <Instant at={base.registeredAt} />],
        ]}
      </Facts>
      <Origin base={base} />
      <h2>Adapters</h2>
      {matches.length === 0 ? (
        <p>Nobody has published an adapter for it here yet.</p>
      ) : (
        <ul class="adapters">
          {matches.map((match) => (
            <li>
              <h3>
                <a href={LINKS.adapter(match.name)}>{match.name}</a>
              </h3>
              {match.description === undefined ? null : <p>{match.description}</p>}
              <div class="row small quiet-text">
                <span class="chip">{match.task}</span>
                <span class="chip">{match.method}</span>
                <span>{match.version}</span>
                <span>{size(match.size)}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
      <Leaderboard records={declared} />
      <h2>Is this the file you have?</h2>
      <Command label="which adapters fit a file">graft find --base ./model</Command>
      <div class="scroll">
        <table>
          <caption>Files that are known to hold this base</caption>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col" class="number">
                Size
              </th>
              <th scope="col">sha256</th>
            </tr>
          </thead>
          <tbody>
            {base.files.map((file) => (
              <tr>
                <th scope="row">{file.name}</th>
                <td class="number">{size(file.size)}</td>
                <td>
                  <DigestText>{file.digest}</DigestText>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Page>
  );
}

/** What it was made from, and what was made from it, with how far each is from its original. */
function Origin({ base }: { readonly base: BaseRecord }) {
  const { derivedFrom, variants } = base;
  if (derivedFrom === undefined && variants.length === 0) return null;
  return (
    <section aria-labelledby="variants">
      <h2 id="variants">Variants</h2>
      {derivedFrom === undefined ? null : (
        <p>
          Made from <a href={LINKS.base(derivedFrom.base)}>another base</a> by {derivedFrom.tool}; {derivedFrom.difference.metric} differ by{" "}
          {written(derivedFrom.difference.value)}.
        </p>
      )}
      <ul>
        {variants.map((variant) => (
          <li>
            <a href={LINKS.base(variant.fingerprint)}>{variant.name}</a>
            {variant.derivedFrom === undefined
              ? null
              : ` by ${variant.derivedFrom.tool}, ${variant.derivedFrom.difference.metric} differ by ${written(variant.derivedFrom.difference.value)}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
