import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessClient } from "@graft/client";
import { startServer, type RunningServer } from "@graft/server";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openChromium } from "./browser/chromium.ts";

const PASSWORD = "correct horse battery";

describe.skipIf(chromiumPath === undefined).each([true, false])("signing in with a real browser, pages %s", (pages) => {
  let folder: string;
  let server: RunningServer;
  let browser: Browser;
  let person: BrowserContext;
  let evil: Server;
  let root: AccessClient;
  const anyone = () => new AccessClient({ registry: server.url, fetch });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "graft-sign-in-"));
    server = await startServer({ data: folder, host: "127.0.0.1", port: 0, logLevel: "silent", pages });
    root = new AccessClient({ registry: server.url, token: server.token, fetch });
    const { code } = await root.invite({ admin: true });
    await anyone().createAccount({ name: "alice", password: PASSWORD, invitation: code });
    browser = await openChromium();
    person = await browser.newContext();
    // Another port of the same host is the same site, so that the cookie is sent along: only the origin tells it apart.
    evil = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>evil</p>"));
    await new Promise<void>((resolve) => void evil.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    await browser?.close();
    evil?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("a person types name and password, compares the code, and allows the terminal in", async () => {
    const device = await anyone().beginDevice({ label: "a <b>terminal</b>" });
    const page = await person.newPage();
    await page.goto(device.verificationUriComplete);
    await page.getByLabel("Name", { exact: true }).fill("alice");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText(device.userCode).waitFor();
    expect(await page.locator("main").innerText()).toContain("a <b>terminal</b>");
    await expect(anyone().signInByDevice(device.deviceCode)).rejects.toMatchObject({ code: "SIGN_IN_PENDING" });
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByText(/go back to the (terminal|program)|has expired, or never was/).waitFor();
    expect((await anyone().signInByDevice(device.deviceCode)).record).toMatchObject({ user: "alice", label: "a <b>terminal</b>" });
    expect(await page.evaluate("document.cookie")).toBe("");
    const [cookie] = await person.cookies(server.url);
    expect(cookie).toMatchObject({ name: "graft_session", httpOnly: true, sameSite: "Lax" });
    await page.close();
  });

  test("a page of another origin changes nothing with the person's cookie, by form or by fetch, and reads nothing", async () => {
    const page = await person.newPage();
    await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
    const refusals: number[] = [];
    page.on("response", (response) => {
      if (response.url().startsWith(server.url) && response.request().method() !== "OPTIONS") refusals.push(response.status());
    });
    const tried = (await page.evaluate(`(async () => {
      const said = [];
      for (const [method, path, type] of [
        ["POST", "/v1/invitations", "text/plain"],
        ["POST", "/v1/invitations", "application/json"],
        ["PUT", "/v1/teams/evil", "application/json"],
        ["GET", "/v1/accounts", undefined],
      ]) {
        said.push(
          await fetch(${JSON.stringify(server.url)} + path, {
            method, credentials: "include", headers: type === undefined ? {} : { "content-type": type }, body: method === "GET" ? undefined : "{}",
          }).then((response) => response.status, () => "blocked"),
        );
      }
      return said;
    })()`)) as unknown[];
    expect(tried).toEqual(["blocked", "blocked", "blocked", "blocked"]);
    // A form needs no permission to be sent, and its answer is shown.
    await page.evaluate(`(() => {
      const form = document.createElement("form");
      form.method = "post"; form.enctype = "text/plain"; form.action = ${JSON.stringify(`${server.url}/v1/invitations`)};
      const field = document.createElement("input");
      field.name = '{"admin":true,"x":"'; field.value = '"}';
      form.append(field); document.body.append(form); form.submit();
    })()`);
    await page.waitForURL(`${server.url}/**`);
    expect(await page.textContent("body")).toContain("FORBIDDEN");
    expect(refusals).toContain(403);
    expect((await root.teams()).teams).toEqual([]);
    const { entries } = await root.audit({ limit: 100 });
    expect(entries.filter(({ action }) => action === "account.invite")).toHaveLength(1);
    await page.close();
  });

  test("the page that allows sign-ins is shown in no frame", async () => {
    const page = await person.newPage();
    await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
    await page.setContent(`<iframe src="${server.url}/sign-in/device?code=AAAA-AAAA"></iframe>`);
    await page.waitForTimeout(500);
    expect(await page.frames()[1]?.locator("form").count()).toBe(0);
    await page.close();
  });
});
