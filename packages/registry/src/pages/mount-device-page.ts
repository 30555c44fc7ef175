import { isGraftError } from "@graft/error";
import type { DeviceQuestion } from "@graft/protocol";
import type { Context } from "hono";
import { html } from "hono/html";
import { checkPassword } from "../access/check-password.ts";
import { answerDevice, deviceQuestion } from "../access/devices.ts";
import { readUserCode } from "../access/secrets.ts";
import { assertSameOrigin, beginSession } from "../access/sessions.ts";
import type { RegistryEnvironment, RegistryParts } from "../context.ts";
import { boundedBody } from "../request-body.ts";
import type { RegistryApp } from "../routes/mount.ts";

/** Where a person allows what `graft login` asks for. */
const PATH = "/sign-in/device";

/** No scripts, nothing from elsewhere, in no frame: a page that gives tokens away is not to be dressed up by others. */
const HEADERS = {
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "cache-control": "no-store",
  // Not no-referrer: with it, forms of this very page would come from the origin "null".
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

type Page = ReturnType<typeof html>;
type PageContext = Context<RegistryEnvironment>;

/** The page on which a person signs in and allows a program's sign-in; forms alone, so that it works in any browser. */
export function mountDevicePage(app: RegistryApp, parts: RegistryParts): void {
  app.get(PATH, async (context) => show(context, await pageFor(context, context.req.query("code") ?? "")));
  app.post(PATH, boundedBody(parts.settings), async (context) => {
    assertSameOrigin(parts, context, { needsOrigin: true });
    const fields = new URLSearchParams(await context.req.text());
    const field = (name: string): string => (fields.get(name) ?? "").slice(0, 300);
    const code = field("code");
    try {
      if (fields.has("password")) {
        await beginSession(
          parts,
          context,
          await checkPassword(parts, { user: field("user"), password: field("password"), address: context.get("address") }),
        );
        return context.redirect(`${PATH}?code=${encodeURIComponent(code)}`, 303);
      }
      const answered = await answerDevice(parts, { caller: context.get("caller"), userCode: code, approve: field("answer") === "allow" });
      return show(
        context,
        answered.status === "approved"
          ? note("Signed in", "You can close this page and go back to the terminal.")
          : note("Refused", "Nobody was signed in."),
      );
    } catch (cause) {
      if (!isGraftError(cause) || cause.status >= 500) throw cause;
      return show(context, await pageFor(context, code, cause.message), cause.status);
    }
  });

  async function pageFor(context: PageContext, code: string, problem?: string): Promise<Page> {
    const caller = context.get("caller");
    if (caller?.account === undefined) return signInForm({ code, problem, singleSignOn: parts.access.singleSignOn?.settings.label });
    if (code === "") return codeForm(problem);
    try {
      return questionForm(await deviceQuestion(parts, { caller, userCode: code }), { user: caller.account.name, problem });
    } catch (cause) {
      if (!isGraftError(cause) || cause.status >= 500) throw cause;
      return codeForm(problem ?? cause.message);
    }
  }
}

function show(context: PageContext, page: Page, status = 200): Response | Promise<Response> {
  for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
  context.status(status as 200);
  return context.html(page);
}

function signInForm({
  code,
  problem,
  singleSignOn,
}: {
  code: string;
  problem: string | undefined;
  singleSignOn: string | undefined;
}): Page {
  const returnTo = encodeURIComponent(`${PATH}?code=${encodeURIComponent(code)}`);
  return layout(
    "Sign in",
    html`${warning(problem)}
      <form method="post">
        <input type="hidden" name="code" value="${code}" />
        <label>Name <input name="user" autocomplete="username" required autofocus /></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
        <button>Sign in</button>
      </form>
      ${singleSignOn === undefined ? "" : html`<p><a href="/v1/sign-in/oidc?returnTo=${returnTo}">Sign in with ${singleSignOn}</a></p>`}`,
  );
}

function codeForm(problem: string | undefined): Page {
  return layout(
    "Allow a sign-in",
    html`${warning(problem)}
      <form method="get">
        <label>Code that the terminal shows <input name="code" autocomplete="off" required autofocus /></label>
        <button>Go on</button>
      </form>`,
  );
}

function questionForm(question: DeviceQuestion, { user, problem }: { user: string; problem: string | undefined }): Page {
  const { userCode, label, names, actions, address } = question;
  return layout(
    "Allow a sign-in",
    html`${warning(problem)}
      <p>Does your terminal show this code?</p>
      <p class="code">${readUserCode(userCode)}</p>
      <p>
        “${label}”${address === undefined ? "" : ` at ${address}`} wants to ${actions.join(", ")} ${names.join(", ")} as <b>${user}</b>.
        Allow it only if you just ran graft login yourself.
      </p>
      <form method="post">
        <input type="hidden" name="code" value="${userCode}" />
        <button name="answer" value="allow">Allow</button>
        <button name="answer" value="refuse">Refuse</button>
      </form>`,
  );
}

function note(title: string, text: string): Page {
  return layout(title, html`<p role="status">${text}</p>`);
}

function warning(problem: string | undefined): Page | string {
  return problem === undefined ? "" : html`<p role="alert">${problem}</p>`;
}

function layout(title: string, content: Page): Page {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title} · Graft</title>
        <style>
          body {
            font:
              1rem/1.5 system-ui,
              sans-serif;
            max-width: 26rem;
            margin: 10vh auto;
            padding: 0 1rem;
          }
          label,
          input {
            display: block;
            width: 100%;
            box-sizing: border-box;
            margin: 0.5rem 0;
          }
          input,
          button {
            font: inherit;
            padding: 0.5rem;
          }
          .code {
            font: 2rem monospace;
            letter-spacing: 0.1em;
          }
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;
}
