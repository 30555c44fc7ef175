import { counted } from "@graft/terminal";
import type { FindResponse, Match } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { Command } from "../parts/command.tsx";
import { LINKS } from "../parts/links.ts";

/** Where a model is dropped; without scripts, the command that does the same. */
export function Fits() {
  return (
    <Page
      title="What fits my model?"
      description="Drop a model to see which adapters fit its weights"
      canonical="/fits"
      scripts={["copy", "fits"]}
    >
      <h1>What fits my model?</h1>
      <p class="lead">
        Adapters are bound to weights, not to names. The fingerprint of your file is computed here, in your browser; the file is not
        uploaded.
      </p>
      <graft-fits>
        <p>Without scripts in the browser, ask on the command line:</p>
      </graft-fits>
      <h2>On the command line</h2>
      <Command label="which adapters fit a file">graft find --base ./model.onnx</Command>
    </Page>
  );
}

/** What fits a file, best first. */
export function FitsAnswer({ found }: { readonly found: FindResponse }) {
  const whole = found.matches.filter(({ fit }) => fit !== "partial");
  const partial = found.matches.filter(({ fit }) => fit === "partial");
  return (
    <Page title="What fits my model?">
      <div id="answer">
        <h2>
          {found.base === undefined ? (
            "This registry does not know the file as a base"
          ) : (
            <a href={LINKS.base(found.base.fingerprint)}>This is {found.base.name}</a>
          )}
        </h2>
        {found.matches.length === 0 ? (
          <p>
            No adapter here was trained on these weights. If the file is a quantised or converted build, try the one that it was made from;
            else <a href="/bases">look which bases have adapters</a>.
          </p>
        ) : null}
        <Matches heading={`${counted(whole.length, "adapter fits", "adapters fit")} entirely`} matches={whole} />
        <Matches heading={`${counted(partial.length, "adapter fits", "adapters fit")} in part`} matches={partial} />
        {found.similar.length === 0 ? null : (
          <>
            <h3>Of the same shape, with other weights</h3>
            <p>Adapters of these do not fit: they were trained on other numbers.</p>
            <ul>
              {found.similar.map((base) => (
                <li>
                  <a href={LINKS.base(base.fingerprint)}>{base.name}</a>, {counted(base.adapterCount, "adapter")}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Page>
  );
}

function Matches({ heading, matches }: { readonly heading: string; readonly matches: readonly Match[] }) {
  if (matches.length === 0) return null;
  return (
    <>
      <h3>{heading}</h3>
      <ul class="adapters">
        {matches.map((match) => (
          <li>
            <a href={LINKS.adapter(match.name)}>{match.name}</a> {match.version}
            {match.description === undefined ? null : <p>{match.description}</p>}
            <p class="small quiet-text">
              {match.present} of {counted(match.targets, "target")} are in your file
              {match.missing.length === 0 ? null : `; these differ: ${match.missing.join(", ")}`}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
