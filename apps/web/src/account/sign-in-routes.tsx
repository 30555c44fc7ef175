import { isGraftError } from "@graft/error";
import type { Context, Hono } from "hono";
import type { PageEnvironment } from "../context.ts";
import { page } from "../layout/render.ts";
import { formOf, ownPath } from "./form.ts";
import type { ShownProblem } from "./field.tsx";
import { Device, Join, SignIn } from "./sign-in-pages.tsx";

type PageContext = Context<PageEnvironment>;

/** Signing in and out, making an account, and letting a program in. Every form is sent to this site and judged by the registry. */
export function mountSignInPages(app: Hono<PageEnvironment>): void {
  const showSignIn = async (context: PageContext, returnTo: string, problem?: ShownProblem): Promise<Response> => {
    const ways = await context.get("client").access.signInWays();
    return page(context, <SignIn ways={ways} returnTo={returnTo} problem={problem} />, problem === undefined ? 200 : 400);
  };
  app.get("/sign-in", (context) => showSignIn(context, ownPath(context.req.query("returnTo"))));
  app.post("/sign-in", async (context) => {
    const form = await formOf(context);
    const returnTo = ownPath(form.text("returnTo"));
    return shown(
      async () => {
        await context.get("client").access.beginSession({ user: form.text("user"), password: form.all("password")[0] ?? "" });
        return context.redirect(returnTo, 303);
      },
      (problem) => showSignIn(context, returnTo, problem),
    );
  });
  app.post("/sign-out", async (context) => {
    await context.get("client").access.endSession();
    return context.redirect("/", 303);
  });
  app.get("/join", (context) => page(context, <Join code={context.req.query("code") ?? ""} />));
  app.post("/join", async (context) => {
    const form = await formOf(context);
    const invitation = form.text("invitation");
    return shown(
      async () => {
        const body = { name: form.text("name"), password: form.all("password")[0] ?? "", ...(invitation === "" ? {} : { invitation }) };
        await context.get("client").access.createAccount(body);
        return context.redirect("/account", 303);
      },
      (problem) => page(context, <Join code={invitation} problem={problem} />, 400),
    );
  });
  const showDevice = async (context: PageContext, code: string, problem?: ShownProblem): Promise<Response> => {
    if (code === "") return page(context, <Device code="" problem={problem} />);
    const question = await context.get("client").access.device(code);
    return page(context, <Device code={code} question={question} problem={problem} />);
  };
  app.get("/sign-in/device", async (context) => {
    const code = context.req.query("code") ?? "";
    try {
      return await showDevice(context, code);
    } catch (cause) {
      if (!isGraftError(cause)) throw cause;
      if (cause.code !== "UNAUTHORIZED") return page(context, <Device code={code} problem={cause} />, 404);
      return context.redirect(`/sign-in?${new URLSearchParams({ returnTo: `/sign-in/device?code=${code}` }).toString()}`, 303);
    }
  });
  app.post("/sign-in/device", async (context) => {
    const form = await formOf(context);
    const code = form.text("code");
    await context.get("client").access.answerDevice(code, form.text("answer") === "approve");
    return context.redirect(`/sign-in/device?${new URLSearchParams({ code }).toString()}`, 303);
  });
}

/** Does what a form asks, or shows the form again with what the registry said. */
export async function shown(work: () => Promise<Response>, again: (problem: ShownProblem) => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (cause) {
    if (!isGraftError(cause) || cause.status >= 500) throw cause;
    return await again(cause);
  }
}
