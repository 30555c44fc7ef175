import type { TestRegistry } from "./a-registry.ts";

/** A password that is long enough. */
export const PASSWORD = "correct horse battery";

/** The code of a refusal, or the status of an answer. */
export async function codeOf(response: Response): Promise<string | number> {
  return response.ok ? response.status : ((await response.json()) as { error: { code: string } }).error.code;
}

/** Invites somebody and makes the account; gives a token that may all that the account may, and the cookie of its browser. */
export async function anAccount(
  registry: Pick<TestRegistry, "send">,
  name: string,
  invitation: object = {},
): Promise<{ name: string; token: string; cookie: string }> {
  const { code } = await json<{ code: string }>(registry.send("POST", "/v1/invitations", { body: invitation }));
  const made = await registry.send("POST", "/v1/accounts", { token: null, body: { name, password: PASSWORD, invitation: code } });
  if (made.status !== 201) throw new Error(await made.text());
  const cookie = cookieOf(made);
  const signedIn = await registry.send("POST", "/v1/sign-in/password", {
    token: null,
    body: { user: name, password: PASSWORD, label: "test" },
  });
  return { name, token: (await json<{ token: string }>(signedIn)).token, cookie };
}

/** Claims a scope for an account. */
export async function aScope(registry: Pick<TestRegistry, "send">, scope: string, token: string): Promise<void> {
  const response = await registry.send("PUT", `/v1/scopes/${scope}`, { token, body: {} });
  if (response.status !== 201) throw new Error(await response.text());
}

/** The cookie that an answer sets, as a browser sends it back. */
export function cookieOf(response: Response): string {
  return (response.headers.getSetCookie()[0] ?? "").split(";", 1)[0] ?? "";
}

/** An answer's document. */
export async function json<Document>(response: Response | Promise<Response>): Promise<Document> {
  return (await (await response).json()) as Document;
}
