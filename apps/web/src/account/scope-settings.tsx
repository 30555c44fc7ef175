import type { AuditEntry, OwnerList, ScopeRecord } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { Facts } from "../parts/facts.tsx";
import { Instant } from "../parts/instant.tsx";
import { size } from "../parts/size.ts";
import { Field, FormProblem, type ShownProblem } from "./field.tsx";

/** What an owner decides about a scope, and what was changed in it. */
export interface ScopeSettingsProps {
  readonly scope: ScopeRecord;
  readonly owners: OwnerList["owners"];
  readonly audit: readonly AuditEntry[];
  readonly problem?: ShownProblem | undefined;
}

/** Roles in a scope, its limits, and its log of changes. */
export function ScopeSettings({ scope, owners, audit, problem }: ScopeSettingsProps) {
  const name = scope.name.replace("@", "");
  const action = `/account/scopes/${name}/roles`;
  return (
    <Page title={`Settings of @${name}`}>
      <p>
        <a href="/account">Account</a>
      </p>
      <h1>@{name}</h1>
      <FormProblem problem={problem} />
      <Facts>
        {[
          ["Holds", `${size(scope.bytes)}, ${scope.versions} versions`],
          ["May hold", scope.quota.bytes === undefined ? undefined : size(scope.quota.bytes)],
          ["Versions at most", scope.quota.versions === undefined ? undefined : String(scope.quota.versions)],
          ["Claimed", <Instant at={scope.createdAt} />],
        ]}
      </Facts>
      <section aria-labelledby="roles">
        <h2 id="roles">Roles</h2>
        <ul class="adapters">
          {owners.map(({ holder, role }) => (
            <li class="row">
              <strong>{holder}</strong> {role}
              <form method="post" action={action}>
                <input type="hidden" name="holder" value={holder} />
                <button type="submit" name="role" value="" class="link">
                  Take away<span class="visually-hidden"> the role of {holder}</span>
                </button>
              </form>
            </li>
          ))}
        </ul>
        <form method="post" action={action}>
          <Field name="holder" label="Give a role to" hint="An account, or team:name" />
          <p>
            <label for="role">Role</label>
            <select id="role" name="role">
              <option value="reader">reader: sees private adapters</option>
              <option value="publisher">publisher: publishes, too</option>
              <option value="owner">owner: decides, too</option>
            </select>
          </p>
          <button type="submit" class="quiet">
            Give it
          </button>
        </form>
      </section>
      <Audit entries={audit} />
    </Page>
  );
}

/** Changes, newest first. */
export function Audit({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <section aria-labelledby="audit">
      <h2 id="audit">What was changed</h2>
      <div class="scroll">
        <table>
          <caption>Newest first; nothing is ever taken out of this list</caption>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">Subject</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr>
                <td>
                  <Instant at={entry.at} />
                </td>
                <td>{entry.actor}</td>
                <td>{entry.action}</td>
                <td>{entry.subject}</td>
                <td>{entry.address ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
