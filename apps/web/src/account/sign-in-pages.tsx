import type { DeviceQuestion, SignInWays } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { Facts } from "../parts/facts.tsx";
import { Field, FormProblem, type ShownProblem } from "./field.tsx";

/** Where one signs in: by password, and by single sign-on where the registry has it. */
export function SignIn({
  ways,
  returnTo,
  problem,
}: {
  readonly ways: SignInWays;
  readonly returnTo: string;
  readonly problem?: ShownProblem | undefined;
}) {
  const { singleSignOn, signUp } = ways;
  return (
    <Page title="Sign in">
      <div class="narrow">
        <h1>Sign in</h1>
        <FormProblem problem={problem} />
        {singleSignOn === undefined ? null : (
          <p>
            <a class="button" href={`${singleSignOn.path}?${new URLSearchParams({ returnTo }).toString()}`}>
              Sign in with {singleSignOn.label}
            </a>
          </p>
        )}
        <form method="post" action="/sign-in">
          <input type="hidden" name="returnTo" value={returnTo} />
          <Field name="user" label="Name" autocomplete="username" />
          <Field name="password" label="Password" type="password" autocomplete="current-password" />
          <button type="submit">Sign in</button>
        </form>
        <p class="quiet-text">
          {signUp === "open" ? <a href="/join">Make an account</a> : "Accounts here are made by invitation; ask whoever runs the registry."}
        </p>
      </div>
    </Page>
  );
}

/** Where an account is made, with the code of an invitation. */
export function Join({ code, problem }: { readonly code: string; readonly problem?: ShownProblem | undefined }) {
  return (
    <Page title="Make an account">
      <div class="narrow">
        <h1>Make an account</h1>
        <FormProblem problem={problem} />
        <form method="post" action="/join">
          <Field
            name="invitation"
            label="Code of your invitation"
            value={code}
            required={false}
            hint="Leave it empty where sign-up is open"
          />
          <Field
            name="name"
            label="Name"
            autocomplete="username"
            hint="Lower-case letters, digits and single . _ -; your own scope may be called so"
          />
          <Field name="password" label="Password" type="password" autocomplete="new-password" hint="At least twelve characters" />
          <button type="submit">Make the account</button>
        </form>
      </div>
    </Page>
  );
}

/** What a program asks to be allowed; `graft login` sends people here. */
export function Device({
  code,
  question,
  problem,
}: {
  readonly code: string;
  readonly question?: DeviceQuestion | undefined;
  readonly problem?: ShownProblem | undefined;
}) {
  return (
    <Page title="Let a program in">
      <div class="narrow">
        <h1>Let a program in</h1>
        <FormProblem problem={problem} />
        {question === undefined ? (
          <form action="/sign-in/device">
            <Field name="code" label="Code that the program shows" value={code} />
            <button type="submit">Go on</button>
          </form>
        ) : question.status === "pending" ? (
          <>
            <p>Allow this only if you have just run graft login yourself, and it shows the same code.</p>
            <Facts>
              {[
                ["Code", <strong>{question.userCode}</strong>],
                ["Program", question.label],
                ["May", question.actions.join(", ")],
                ["Names", question.names.join(", ")],
                ["Asked from", question.address],
              ]}
            </Facts>
            <form method="post" action="/sign-in/device" class="row">
              <input type="hidden" name="code" value={question.userCode} />
              <button type="submit" name="answer" value="approve">
                Allow
              </button>
              <button type="submit" name="answer" value="deny" class="quiet">
                Refuse
              </button>
            </form>
          </>
        ) : (
          <p role="status">
            {question.status === "approved"
              ? "Allowed. You can close this page and go back to the program."
              : "Refused. Nothing was given to the program."}
          </p>
        )}
      </div>
    </Page>
  );
}
