import type { BaseList } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { DigestText } from "../parts/digest-text.tsx";
import { Instant } from "../parts/instant.tsx";
import { LINKS } from "../parts/links.ts";
import { count } from "../parts/size.ts";

/** Every base that adapters here are for. */
export function Bases({ list }: { readonly list: BaseList }) {
  return (
    <Page title="Bases" description="Models that the adapters of this registry are for" canonical="/bases">
      <h1>Bases</h1>
      <p class="lead">A base is known by its weights, not by its name: the fingerprint is the same in every file that holds them.</p>
      {list.bases.length === 0 ? (
        <p>No base is registered yet. Register one with graft base publish.</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Family</th>
                <th scope="col" class="number">
                  Matrices
                </th>
                <th scope="col">Fingerprint</th>
                <th scope="col">Registered</th>
              </tr>
            </thead>
            <tbody>
              {list.bases.map((base) => (
                <tr>
                  <th scope="row">
                    <a href={LINKS.base(base.fingerprint)}>{base.name}</a>
                  </th>
                  <td>{base.family ?? ""}</td>
                  <td class="number">{count(base.matrixCount)}</td>
                  <td>
                    <DigestText>{base.fingerprint}</DigestText>
                  </td>
                  <td>
                    <Instant at={base.registeredAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.next === undefined ? null : (
        <a href={`/bases?cursor=${encodeURIComponent(list.next)}`} rel="next">
          More bases
        </a>
      )}
    </Page>
  );
}
