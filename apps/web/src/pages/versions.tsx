import type { AdapterRecord, VersionRecord } from "@graft/protocol";
import { DigestText } from "../parts/digest-text.tsx";
import { Instant } from "../parts/instant.tsx";
import { LINKS } from "../parts/links.ts";
import { size } from "../parts/size.ts";
import { AdapterFrame } from "./adapter-frame.tsx";

/** Every version of an adapter, newest first, and a form that sets two of them side by side. */
export function Versions({ record, adapter }: { readonly record: VersionRecord; readonly adapter: AdapterRecord }) {
  const { name } = record;
  const tagsOf = (version: string): string[] => Object.keys(adapter.tags).filter((tag) => adapter.tags[tag] === version);
  const [newest, older = newest] = adapter.versions;
  return (
    <AdapterFrame record={record} tab="versions" title={`Versions of ${name}`} canonical={LINKS.adapterPage(name, "versions")}>
      <form action={LINKS.adapterPage(name, "difference")}>
        <div class="scroll">
          <table>
            <caption>Choose two versions to see what changed between them</caption>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Version</th>
                <th scope="col">Tags</th>
                <th scope="col">Published</th>
                <th scope="col" class="number">
                  Size
                </th>
                <th scope="col">Digest</th>
              </tr>
            </thead>
            <tbody>
              {adapter.versions.map(({ version, publishedAt, size: bytes, digest, deprecated }) => (
                <tr>
                  <td>
                    <input type="radio" name="from" value={version} checked={version === older?.version} aria-label={`From ${version}`} />
                  </td>
                  <td>
                    <input type="radio" name="to" value={version} checked={version === newest?.version} aria-label={`To ${version}`} />
                  </td>
                  <th scope="row">
                    <a href={LINKS.adapter(name, version)}>{version}</a>{" "}
                    {deprecated === undefined ? null : (
                      <span class="chip warn" title={deprecated}>
                        deprecated
                      </span>
                    )}
                  </th>
                  <td>
                    {tagsOf(version).map((tag) => (
                      <span class="chip good">{tag}</span>
                    ))}
                  </td>
                  <td>
                    <Instant at={publishedAt} />
                  </td>
                  <td class="number">{size(bytes)}</td>
                  <td>
                    <DigestText>{digest}</DigestText>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p class="row">
          <button type="submit" disabled={adapter.versions.length < 2}>
            Show the difference
          </button>
          {adapter.next === undefined ? null : (
            <a href={`${LINKS.adapterPage(name, "versions")}?cursor=${encodeURIComponent(adapter.next)}`} rel="next">
              Older versions
            </a>
          )}
        </p>
      </form>
    </AdapterFrame>
  );
}
