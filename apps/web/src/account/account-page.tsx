import { counted } from "@graft/terminal";
import type { ScopeRecord, Session, StagedVersion, TokenRecord } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { Command } from "../parts/command.tsx";
import { Instant } from "../parts/instant.tsx";
import { size } from "../parts/size.ts";
import { Field, FormProblem, type ShownProblem } from "./field.tsx";

/** What an account page shows; `created` is the text of a new token, which is shown this once. */
export interface AccountProps {
  readonly session: Session;
  readonly scopes: readonly ScopeRecord[];
  readonly tokens: readonly TokenRecord[];
  /** Versions that wait for approval. */
  readonly staged: readonly StagedVersion[];
  readonly created?: string | undefined;
  readonly problem?: ShownProblem | undefined;
}

/** One's scopes and tokens. */
export function Account({ session, scopes, tokens, staged, created, problem }: AccountProps) {
  return (
    <Page title="Account" scripts={["copy"]}>
      <h1>{session.user}</h1>
      <FormProblem problem={problem} />
      {created === undefined ? null : (
        <div class="notice" role="status">
          <p>Your new token. It is shown this once; the registry keeps only its sha256.</p>
          <Command label="the token">{created}</Command>
        </div>
      )}
      <form method="post" action="/sign-out" class="row">
        <button type="submit" class="quiet">
          Sign out
        </button>
        {session.admin ? <a href="/admin">Run the registry</a> : null}
      </form>
      <section aria-labelledby="scopes">
        <h2 id="scopes">Scopes</h2>
        {scopes.length === 0 ? <p>You have a role in no scope yet.</p> : null}
        <ul class="adapters">
          {scopes.map((scope) => (
            <li>
              <a href={`/account/scopes/${scope.name.replace("@", "")}`}>@{scope.name.replace("@", "")}</a>, {scope.role ?? "no role"};{" "}
              {counted(scope.versions, "version")}, {size(scope.bytes)}
            </li>
          ))}
        </ul>
        <form method="post" action="/account/scopes">
          <Field name="scope" label="Claim a scope" hint="Without the @; you become its owner" />
          <button type="submit" class="quiet">
            Claim it
          </button>
        </form>
      </section>
      <Staged staged={staged} />
      <Tokens tokens={tokens} />
      <section aria-labelledby="password">
        <h2 id="password">Password</h2>
        <form method="post" action="/account/password">
          <Field name="current" label="Current password" type="password" autocomplete="current-password" />
          <Field
            name="password"
            label="New password"
            type="password"
            autocomplete="new-password"
            hint="At least twelve characters; signs out every browser"
          />
          <button type="submit" class="quiet">
            Change it
          </button>
        </form>
      </section>
    </Page>
  );
}

function Staged({ staged }: { readonly staged: readonly StagedVersion[] }) {
  if (staged.length === 0) return null;
  return (
    <section aria-labelledby="staged">
      <h2 id="staged">Waiting for approval</h2>
      <ul class="adapters">
        {staged.map(({ name, version, size: bytes, stagedAt }) => (
          <li class="row">
            <strong>
              {name} {version}
            </strong>
            <span class="quiet-text">
              {size(bytes)}, staged <Instant at={stagedAt} />
            </span>
            <form method="post" action={`/account/staged/${name}/${encodeURIComponent(version)}`} class="row">
              <button type="submit" name="answer" value="approve">
                Approve<span class="visually-hidden"> {name}</span>
              </button>
              <button type="submit" name="answer" value="discard" class="quiet">
                Discard<span class="visually-hidden"> {name}</span>
              </button>
            </form>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tokens({ tokens }: { readonly tokens: readonly TokenRecord[] }) {
  return (
    <section aria-labelledby="tokens">
      <h2 id="tokens">Tokens</h2>
      {tokens.length === 0 ? (
        <p>You have no tokens.</p>
      ) : (
        <div class="scroll">
          <table>
            <caption>What programs may do in your name</caption>
            <thead>
              <tr>
                <th scope="col">Label</th>
                <th scope="col">May</th>
                <th scope="col">Names</th>
                <th scope="col">From</th>
                <th scope="col">Used</th>
                <th scope="col">Ends</th>
                <th scope="col">Revoke</th>
              </tr>
            </thead>
            <tbody>
              {tokens.map((token) => (
                <tr>
                  <th scope="row">{token.label}</th>
                  <td>{token.actions.join(", ")}</td>
                  <td>{token.names.join(", ")}</td>
                  <td>{token.addresses?.join(", ") ?? "anywhere"}</td>
                  <td>{token.usedAt === undefined ? "never" : <Instant at={token.usedAt} />}</td>
                  <td>{token.expiresAt === undefined ? "never" : <Instant at={token.expiresAt} />}</td>
                  <td>
                    <form method="post" action={`/account/tokens/${encodeURIComponent(token.id)}/revoke`}>
                      <button type="submit" class="link">
                        Revoke<span class="visually-hidden"> {token.label}</span>
                      </button>
                    </form>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <form method="post" action="/account/tokens">
        <h3>New token</h3>
        <Field name="label" label="Label" hint="What it is for, such as the name of a workflow" />
        <Field name="names" label="Names" value="*" hint="*, @scope/* or @scope/name, with spaces between" />
        <fieldset>
          <legend>May</legend>
          {(["read", "publish", "admin"] as const).map((action) => (
            <label class="choice">
              <input type="checkbox" name="actions" value={action} checked={action === "read"} /> {action}
            </label>
          ))}
        </fieldset>
        <Field name="days" label="Days until it ends" type="number" value="30" />
        <Field
          name="addresses"
          label="Addresses that may use it"
          required={false}
          hint="Such as 192.0.2.0/24, with spaces between; any when empty"
        />
        <button type="submit">Make the token</button>
      </form>
    </section>
  );
}
