import type { VersionRecord } from "@graft/protocol";
import { type Change, compareDocuments } from "../difference/compare-documents.ts";
import { LINKS } from "../parts/links.ts";
import { size } from "../parts/size.ts";
import { written } from "../parts/written.ts";
import { AdapterFrame } from "./adapter-frame.tsx";

/** What changed from one version to another: the documents here, the weights where scripts run. */
export function Difference({ before, after }: { readonly before: VersionRecord; readonly after: VersionRecord }) {
  const { name } = after;
  const [left, right] = [before.manifest, after.manifest];
  const metrics = pairs(left.training?.metrics ?? {}, right.training?.metrics ?? {});
  const settings = compareDocuments(left.training?.hyperparameters ?? {}, right.training?.hyperparameters ?? {});
  const rest = compareDocuments(withoutTraining(left), withoutTraining(right));
  return (
    <AdapterFrame
      record={after}
      tab="versions"
      title={`${name}: ${before.version} and ${after.version}`}
      canonical={LINKS.adapterPage(name, "difference")}
      scripts={["difference"]}
    >
      <h2>
        From {before.version} to {after.version}
      </h2>
      <p>
        {size(before.size)} became {size(after.size)}.{" "}
        {before.tensorsDigest === after.tensorsDigest ? "The weights are the same." : "The weights differ."}
      </p>
      {metrics.length === 0 ? null : (
        <div class="scroll">
          <table>
            <caption>Declared results</caption>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col" class="number">
                  {before.version}
                </th>
                <th scope="col" class="number">
                  {after.version}
                </th>
                <th scope="col" class="number">
                  Change
                </th>
              </tr>
            </thead>
            <tbody>
              {metrics.map(([metric, one, other]) => (
                <tr>
                  <th scope="row">{metric}</th>
                  <td class="number">{one === undefined ? "–" : written(one)}</td>
                  <td class="number">{other === undefined ? "–" : written(other)}</td>
                  <td class="number">{one === undefined || other === undefined ? "–" : signed(other - one)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Changes caption="Hyper-parameters" changes={settings} />
      <Changes caption="Manifest" changes={rest} />
      <section aria-labelledby="weights">
        <h2 id="weights">How far the weights moved</h2>
        <graft-difference data-before={before.digest} data-after={after.digest} data-names={`${before.version} ${after.version}`}>
          <p class="quiet-text">Needs a browser that runs scripts: the two files are read by ranges, in the page.</p>
        </graft-difference>
      </section>
    </AdapterFrame>
  );
}

function Changes({ caption, changes }: { readonly caption: string; readonly changes: readonly Change[] }) {
  if (changes.length === 0) return null;
  return (
    <div class="scroll">
      <table>
        <caption>{caption}</caption>
        <tbody>
          {changes.slice(0, 200).map(({ path, count, before, after }) => (
            <tr>
              <th scope="row">
                {path}
                {count === 1 ? null : <span class="quiet-text"> ({count} places)</span>}
              </th>
              <td>{before === undefined ? <em>absent</em> : <del>{before}</del>}</td>
              <td>{after === undefined ? <em>absent</em> : <ins>{after}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Versions and the receipt have places of their own, and golden outputs are for programs. */
function withoutTraining(manifest: VersionRecord["manifest"]): object {
  return { ...manifest, training: undefined, golden: undefined, version: undefined };
}

function pairs(
  left: Readonly<Record<string, number>>,
  right: Readonly<Record<string, number>>,
): (readonly [string, number | undefined, number | undefined])[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].map((name) => [name, left[name], right[name]] as const);
}

function signed(value: number): string {
  return `${value > 0 ? "+" : ""}${written(value)}`;
}
