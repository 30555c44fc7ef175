import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, startServer } from "@graft/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openChromium } from "./browser/chromium.ts";
import { accessibilityFaults, openPage } from "./pages/a-site.ts";

const PASSWORD = "a long enough password";

describe.skipIf(chromiumPath === undefined)("the pages of an account", () => {
  let browser: Browser;
  let folder: string;
  let server: RunningServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "graft-account-"));
    [browser, server] = await Promise.all([openChromium(), startServer({ port: 0, data: folder, logLevel: "silent" })]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  /** Makes an account through the pages, with an invitation of whoever runs the registry, and is signed in then. */
  async function signUp(name: string, admin = false): Promise<{ page: Page; problems: string[] }> {
    const response = await call("/v1/invitations", { method: "POST", body: JSON.stringify({ admin }) });
    const { code } = (await response.json()) as { code: string };
    const { page, problems } = await openPage(browser, server.url);
    await page.goto(`/join?code=${code}`);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Make the account" }).click();
    await page.waitForURL("**/account");
    return { page, problems };
  }

  function call(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(server.url + path, {
      ...init,
      headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json", ...init.headers },
    });
  }

  test("are reached by an invitation; a token made there is shown once, works, and stops when it is revoked", async () => {
    const { page, problems } = await signUp("ada");
    await page.getByLabel("Label").fill("workflow");
    await page.getByRole("button", { name: "Make the token" }).click();
    const text = (await page.getByLabel("the token", { exact: true }).textContent()) ?? "";
    expect(text).toMatch(/^graft_/);
    const whoami = (): Promise<Response> => call("/v1/whoami", { headers: { authorization: `Bearer ${text}` } });
    expect(await (await whoami()).json()).toMatchObject({ user: "ada", actions: ["read"] });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.goto("/account");
    expect(await page.getByText(text).count()).toBe(0);
    await page.getByRole("button", { name: "Revoke workflow" }).click();
    await page.waitForURL(/account/);
    expect((await whoami()).status).toBe(401);
    expect(problems).toEqual([]);
  });

  test("let an owner claim a scope, give a role, and read what was changed", async () => {
    await signUp("grace");
    const { page, problems } = await signUp("alan");
    await page.getByLabel("Claim a scope").fill("alan-lab");
    await page.getByRole("button", { name: "Claim it" }).click();
    await page.waitForURL("**/account/scopes/alan-lab");
    await page.getByLabel("Give a role to").fill("grace");
    await page.getByLabel("Role", { exact: true }).selectOption("publisher");
    await page.getByRole("button", { name: "Give it" }).click();
    await page.getByRole("button", { name: "Take away the role of grace" }).waitFor();
    expect(await page.locator("tbody tr").count()).toBeGreaterThanOrEqual(2);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  test("let whoever runs the registry see its health and invite somebody, and nobody else", async () => {
    const admin = await signUp("root-user", true);
    await admin.page.goto("/admin");
    await admin.page.getByText("database answers").waitFor();
    await admin.page.getByRole("button", { name: "Make an invitation" }).click();
    expect(await admin.page.getByLabel("the invitation", { exact: true }).textContent()).toContain(`${server.url}/join?code=`);
    expect(await accessibilityFaults(admin.page)).toEqual([]);
    const { page } = await signUp("mallory");
    expect((await page.goto("/admin"))?.status()).toBe(403);
  });

  test("say what is wrong with a form and keep what was typed out of the address", async () => {
    const { page } = await openPage(browser, server.url);
    await page.goto("/account");
    await page.waitForURL(/sign-in\?returnTo=%2Faccount/);
    await page.getByLabel("Name").fill("ada");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    expect(page.url()).toBe(`${server.url}/sign-in`);
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("let a program in that a person allows, and give it no more than was asked", async () => {
    const device = (await (
      await call("/v1/sign-in/devices", { method: "POST", body: JSON.stringify({ label: "laptop", names: ["@ada/*"], actions: ["read"] }) })
    ).json()) as { deviceCode: string; verificationUriComplete: string };
    const { page, problems } = await signUp("lin");
    await page.goto(device.verificationUriComplete);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByText("Allowed.").waitFor();
    const answer = await call("/v1/sign-in/device-token", { method: "POST", body: JSON.stringify({ deviceCode: device.deviceCode }) });
    expect(await answer.json()).toMatchObject({ record: { label: "laptop", names: ["@ada/*"], actions: ["read"], user: "lin" } });
    expect(problems).toEqual([]);
  });

  test("cannot be changed by a page of another origin, nor shown inside one", async () => {
    const { page } = await signUp("eve");
    const forged = `<form method=post action="${server.url}/account/scopes"><input name=scope value=stolen></form><script>document.forms[0].submit()</script><iframe src="${server.url}/account"></iframe>`;
    const elsewhere = createServer((_, response) => response.setHeader("content-type", "text/html").end(forged));
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    const response = page.waitForResponse(`${server.url}/account/scopes`);
    await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`).catch(() => undefined);
    expect((await response).status()).toBeGreaterThanOrEqual(400);
    elsewhere.close();
    await page.goto("/account");
    expect(await page.getByText("stolen").count()).toBe(0);
    expect((await call("/account")).headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  });

  test("give a new cookie at every sign-in, so that one that was planted means nothing, and keep scripts from it", async () => {
    const { page } = await signUp("ken");
    const cookie = async () => (await page.context().cookies()).find(({ name }) => name.endsWith("graft_session"));
    const first = await cookie();
    expect(first).toMatchObject({ httpOnly: true, sameSite: "Lax" });
    await page.goto("/sign-in");
    await page.getByLabel("Name").fill("ken");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/account");
    expect((await cookie())?.value).not.toBe(first?.value);
    await page.context().addCookies([{ name: first?.name ?? "", value: first?.value ?? "", url: server.url }]);
    await page.goto("/account");
    expect(page.url()).toContain("/sign-in");
  });
});
