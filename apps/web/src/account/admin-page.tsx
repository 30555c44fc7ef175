import type { AccountRecord, AuditEntry, ScopeRecord } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { Command } from "../parts/command.tsx";
import { Instant } from "../parts/instant.tsx";
import { count, size } from "../parts/size.ts";
import { Field, FormProblem, type ShownProblem } from "./field.tsx";
import { Audit } from "./scope-settings.tsx";

/** What those who run a registry see. */
export interface AdminProps {
  readonly accounts: readonly AccountRecord[];
  readonly scopes: readonly ScopeRecord[];
  readonly audit: readonly AuditEntry[];
  readonly health: Readonly<Record<string, boolean>>;
  /** Where somebody invited goes; shown this once. */
  readonly invitation?: string | undefined;
  readonly problem?: ShownProblem | undefined;
}

/** Health, storage, accounts and invitations. */
export function Admin({ accounts, scopes, audit, health, invitation, problem }: AdminProps) {
  const [bytes, versions] = [scopes.reduce((sum, scope) => sum + scope.bytes, 0), scopes.reduce((sum, scope) => sum + scope.versions, 0)];
  return (
    <Page title="Run the registry" scripts={["copy"]}>
      <h1>Run the registry</h1>
      <FormProblem problem={problem} />
      <section aria-labelledby="health">
        <h2 id="health">Health</h2>
        <p class="row">
          {Object.entries(health).map(([store, answers]) => (
            <span class={answers ? "chip good" : "chip bad"}>
              {store} {answers ? "answers" : "does not answer"}
            </span>
          ))}
        </p>
      </section>
      <section aria-labelledby="storage">
        <h2 id="storage">Storage</h2>
        <div class="scroll">
          <table>
            <caption>
              {size(bytes)} in {count(versions)} versions
            </caption>
            <thead>
              <tr>
                <th scope="col">Scope</th>
                <th scope="col" class="number">
                  Versions
                </th>
                <th scope="col" class="number">
                  Bytes
                </th>
              </tr>
            </thead>
            <tbody>
              {scopes.map((scope) => (
                <tr>
                  <th scope="row">
                    <a href={`/account/scopes/${scope.name.replace("@", "")}`}>@{scope.name.replace("@", "")}</a>
                  </th>
                  <td class="number">{count(scope.versions)}</td>
                  <td class="number">{size(scope.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section aria-labelledby="accounts">
        <h2 id="accounts">Accounts</h2>
        {invitation === undefined ? null : (
          <div class="notice" role="status">
            <p>Send this address to whom you invite. It is shown this once and makes one account.</p>
            <Command label="the invitation">{invitation}</Command>
          </div>
        )}
        <ul class="adapters">
          {accounts.map((account) => (
            <li>
              <strong>{account.name}</strong> {account.admin ? <span class="chip">runs the registry</span> : null} since{" "}
              <Instant at={account.createdAt} />
              {account.disabledAt === undefined ? null : <span class="chip warn">ended</span>}
            </li>
          ))}
        </ul>
        <form method="post" action="/admin/invitations">
          <Field
            name="email"
            label="Invite"
            type="email"
            required={false}
            hint="The address is only kept to tell invitations apart; nothing is sent"
          />
          <label class="choice">
            <input type="checkbox" name="admin" value="yes" /> also to run the registry
          </label>
          <p>
            <button type="submit" class="quiet">
              Make an invitation
            </button>
          </p>
        </form>
      </section>
      <Audit entries={audit} />
    </Page>
  );
}
