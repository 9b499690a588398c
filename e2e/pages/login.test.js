import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, PAGES, refused, visit } from "./browser.js";
import { startWithKeys } from "./program.js";

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startWithKeys(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function logIn(page, key) {
  await page.goto("/login");
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Log in" }).click();
}

test("every page asks for a key first and leads back after it", async () => {
  await visit(browser, server.url, async (page) => {
    for (const path of PAGES) {
      await page.goto(path);
      assert.equal(new URL(page.url()).pathname, "/login", path);
    }
    await page.goto("/export");
    await page.getByLabel("API key").fill(server.keys.admin);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Export", exact: true }).waitFor();
  });
});

test("a login leads nowhere but to pages of ours", async () => {
  await visit(browser, server.url, async (page) => {
    await page.goto("/login?next=//evil.example/");
    await page.getByLabel("API key").fill(server.keys.viewer);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.equal(page.url(), `${server.url}/`);
  });
});

test("a wrong key is told in text", async () => {
  await visit(browser, server.url, async (page) => {
    await logIn(page, "zka_wrong");
    assert.match(await page.getByRole("alert").innerText(), /no key of this server/);
    assert.equal(await page.getByLabel("API key").getAttribute("aria-invalid"), "true");
  }, { allow: [refused] });
});

test("the key is kept where no script reads it, until the logout", async () => {
  await visit(browser, server.url, async (page) => {
    await logIn(page, server.keys.admin);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    const cookie = (await page.context().cookies()).find((each) => each.value === server.keys.admin);
    assert.equal(cookie.httpOnly, true);
    assert.equal(cookie.sameSite, "Strict");
    assert.equal(cookie.path, "/");
    assert.equal(await page.evaluate(() => document.cookie), "");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await page.goto("/users");
    assert.equal(new URL(page.url()).pathname, "/login");
  });
});

test("a viewer sees no form that changes anything, and is refused when sending one", async () => {
  await visit(browser, server.url, async (page) => {
    await logIn(page, server.keys.viewer);
    await page.getByText("viewer · viewer").waitFor();
    for (const path of PAGES) {
      await page.goto(path);
      const posts = await page.locator("main form[method=post]").count();
      assert.equal(posts, 0, `${path} has a form for a viewer`);
    }
    const token = await page.locator(".who input[name=token]").inputValue();
    for (const path of ["/users", "/users/delete", "/users/import", "/export", "/export/send", "/terminals/connect"]) {
      const answer = await page.request.post(path, { form: { token, user_id: "1" }, headers: { Accept: "text/html" } });
      assert.equal(answer.status(), 403, path);
      assert.match(await answer.text(), /Not allowed with this key/);
    }
  }, { allow: [refused] });
});

test("an operator connects terminals but does not change the export", async () => {
  await visit(browser, server.url, async (page) => {
    await logIn(page, server.keys.operator);
    await page.goto("/terminals");
    await page.getByRole("button", { name: "Connect" }).waitFor();
    await page.goto("/export");
    assert.equal(await page.getByLabel("Export URL").count(), 0);
  });
});

test("a form without the right token changes nothing", async () => {
  await visit(browser, server.url, async (page) => {
    await logIn(page, server.keys.admin);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    for (const token of [undefined, "", "00", "a".repeat(64)]) {
      const form = { export_url: "https://evil.example/", ...(token === undefined ? {} : { token }) };
      const answer = await page.request.post("/export", { form });
      assert.equal(answer.status(), 403, `token ${token}`);
      assert.match(await answer.text(), /no longer valid/);
    }
    await page.goto("/export");
    assert.equal(await page.getByLabel("Export URL").inputValue(), "");
  });
});

test("the token of one key is not taken with another", async () => {
  let token;
  await visit(browser, server.url, async (page) => {
    await logIn(page, server.keys.operator);
    token = await page.locator(".who input[name=token]").inputValue();
  });
  await visit(browser, server.url, async (page) => {
    await logIn(page, server.keys.admin);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    const answer = await page.request.post("/export", { form: { token, export_url: "" } });
    assert.equal(answer.status(), 403);
  });
});

test("settings are first made and then read back", async () => {
  await visit(browser, server.url, async (page) => {
    await logIn(page, server.keys.admin);
    await page.goto("/export");
    await page.getByLabel("Export URL").fill("http://192.0.2.10/data");
    await page.getByLabel("Start from").fill("2026-01-01");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The export settings are saved.").waitFor();
    assert.equal(await page.getByLabel("Export URL").inputValue(), "http://192.0.2.10/data");
    assert.equal(await page.getByLabel("Start from").inputValue(), "2026-01-01 00:00:00");
    assert.equal(await page.getByLabel("Deliver by itself").isChecked(), false);
  });
});
