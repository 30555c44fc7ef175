import { counted } from "@graft/terminal";
import type { BaseRecord, DownloadsRecord, VersionProof, VersionRecord } from "@graft/protocol";
import { raw } from "hono/html";
import { DownloadsPicture } from "../parts/downloads-picture.tsx";
import type { Attachments } from "../attachments.ts";
import { Facts } from "../parts/facts.tsx";
import { InstallLines } from "../parts/install-lines.tsx";
import { Instant } from "../parts/instant.tsx";
import { LINKS } from "../parts/links.ts";
import { NumbersTable } from "../parts/numbers-table.tsx";
import { SizePicture } from "../parts/size-picture.tsx";
import { count, size } from "../parts/size.ts";
import { Trust } from "../parts/trust.tsx";
import { renderReadme } from "../readme/render-readme.ts";
import { AdapterFrame } from "./adapter-frame.tsx";

/** What is known of one version. */
export interface AdapterProps {
  readonly record: VersionRecord;
  readonly base: BaseRecord | undefined;
  readonly downloads: DownloadsRecord;
  readonly proof: VersionProof | undefined;
  readonly attachments: Attachments;
  readonly origin: string;
}

/** What an adapter does, whether to trust it, and how to get it. */
export function Adapter({ record, base, downloads, proof, attachments, origin }: AdapterProps) {
  const { manifest } = record;
  const baseSize = base === undefined ? undefined : Math.max(0, ...base.files.map((file) => file.size));
  return (
    <AdapterFrame record={record} tab="about" canonical={LINKS.adapter(record.name)}>
      <div class="columns aside-right">
        <div>
          <InstallLines record={record} origin={origin} />
          <section aria-label="README">
            {attachments.readme === undefined ? (
              <p class="quiet-text">The author wrote no README.</p>
            ) : (
              // Sanitised by an allow-list, see render-readme.ts.
              raw(renderReadme(attachments.readme))
            )}
          </section>
          {attachments.evaluation === undefined ? null : <Results evaluation={attachments.evaluation} />}
          <Receipt record={record} />
        </div>
        <aside class="stack" aria-label="Facts">
          <section class="card" aria-labelledby="facts">
            <h2 id="facts">Facts</h2>
            <Facts>
              {[
                ["Task", <a href={LINKS.search({ task: manifest.task.type })}>{manifest.task.type}</a>],
                ["Labels", labels(manifest.task.labels)],
                ["Base", <a href={LINKS.base(record.base)}>{manifest.base.name}</a>],
                ["Method", <a href={LINKS.search({ method: manifest.method.name })}>{manifest.method.name}</a>],
                ["Rank", ranks(manifest.targets)],
                ["Targets", manifest.targets.length === 0 ? undefined : counted(manifest.targets.length, "matrix", "matrices")],
                ["Licence", manifest.license],
                ["Published", <Instant at={record.publishedAt} />],
                ["Tags", record.tags.join(", ")],
                [
                  "Size",
                  <a href={LINKS.blob(record.digest)} download={`${record.name.split("/")[1]}.safetensors`}>
                    {size(record.size)}
                  </a>,
                ],
              ]}
            </Facts>
            {baseSize === undefined || baseSize === 0 ? null : <SizePicture adapter={record.size} base={baseSize} />}
          </section>
          <section class="card" aria-labelledby="downloads">
            <h2 id="downloads">Downloads</h2>
            <DownloadsPicture downloads={downloads} days={30} today={new Date()} />
          </section>
          <Trust record={record} proof={proof} />
        </aside>
      </div>
    </AdapterFrame>
  );
}

/** What graft eval measured, as the author published it. */
function Results({ evaluation }: { readonly evaluation: NonNullable<Attachments["evaluation"]> }) {
  const { rows, ...figures } = evaluation;
  const numbers = Object.entries(figures).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return (
    <section aria-labelledby="results">
      <h2 id="results">Evaluation</h2>
      <NumbersTable caption={`On ${counted(rows, "row")}, as the author measured it`} numbers={Object.fromEntries(numbers)} />
    </section>
  );
}

function Receipt({ record: { manifest } }: { readonly record: VersionRecord }) {
  const receipt = manifest.training;
  if (receipt === undefined) return null;
  return (
    <section aria-labelledby="receipt">
      <h2 id="receipt">How it was trained</h2>
      <p>
        {count(receipt.data.rows)} rows, {counted(receipt.steps, "step")}, seed {receipt.seed}, by {manifest.writer.name}{" "}
        {manifest.writer.version}.{receipt.evaluation === undefined ? null : ` Measured on ${count(receipt.evaluation.rows)} other rows.`}{" "}
        These are the author's figures.
      </p>
      <NumbersTable caption="Declared results" numbers={receipt.metrics} />
      <details>
        <summary>Settings and hardware</summary>
        <Facts>
          {[...Object.entries(receipt.hyperparameters), ...Object.entries(receipt.hardware)].map(
            ([name, value]) => [name, String(value)] as const,
          )}
        </Facts>
      </details>
    </section>
  );
}

function labels(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
}

function ranks(targets: VersionRecord["manifest"]["targets"]): string | undefined {
  const all = targets.flatMap(({ rank }) => rank ?? []);
  if (all.length === 0) return undefined;
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return least === most ? String(least) : `${least} to ${most}`;
}
