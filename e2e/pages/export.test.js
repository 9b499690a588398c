import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { refused, visit } from "./browser.js";
import { startDelivered } from "./demo.js";

let demo, browser, end;
before(async () => {
  ({ demo, browser, end } = await startDelivered());
});
after(() => end?.());

async function config() {
  return (await (await fetch(`${demo.url}/api/export-config`)).json()).data;
}

test("settings are saved as the API shows them", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/export");
    await page.getByLabel("Records in one request").fill("123");
    await page.getByLabel("Send record_id in each record").check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The export settings are saved.").waitFor();
    assert.equal(await page.getByLabel("Records in one request").inputValue(), "123");
    const saved = await config();
    assert.equal(saved.batch_size, 123);
    assert.equal(saved.include_record_id, true);
    assert.equal(saved.auto_export, true);
  });
});

test("an address that must not be reached is refused in text, and nothing is saved", async () => {
  await visit(browser, demo.url, async (page) => {
    const before = await config();
    await page.goto("/export");
    await page.getByLabel("Export URL").fill("http://169.254.169.254/latest");
    await page.getByRole("button", { name: "Save" }).click();
    assert.match(await page.getByRole("alert").innerText(), /export_url/i);
    assert.equal(await page.getByLabel("Export URL").inputValue(), "http://169.254.169.254/latest");
    assert.equal((await config()).export_url, before.export_url);
  }, { allow: [refused] });
});

test("a receiver that says no pauses delivery, the page says why, and saving resumes", async () => {
  const { export_url: demos } = await config();
  let status = 401;
  const receiver = createServer((request, answer) => {
    request.resume().on("end", () => { answer.statusCode = status; answer.end("{}"); });
  });
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  try {
    await visit(browser, demo.url, async (page) => {
      await page.goto("/export");
      await page.getByLabel("Export URL").fill(`http://127.0.0.1:${receiver.address().port}/data`);
      await page.getByRole("button", { name: "Save" }).click();
      await page.goto("/");
      await page.locator(".verdict.tone-bad", { hasText: "Delivery is paused" }).waitFor({ timeout: 60_000 });
      await page.goto("/export");
      assert.match(await page.locator(".verdict").innerText(), /401/);
      status = 200;
      await page.getByRole("button", { name: "Save and resume" }).click();
      await page.goto("/");
      await page.locator(".verdict.tone-good").waitFor({ timeout: 60_000 });
      await page.goto("/export");
      await page.getByLabel("Export URL").fill(demos);
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("The export settings are saved.").waitFor();
    });
  } finally {
    receiver.close();
  }
});

test("a range that was delivered is sent again only when asked for", async () => {
  await visit(browser, demo.url, async (page) => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    await page.goto("/export");
    const form = page.locator("form[action='/export/send']");
    await form.getByLabel("To, included").fill(yesterday);
    await form.getByLabel("User ids").fill("1005");
    await form.getByRole("button", { name: "Send" }).click();
    assert.match(await page.getByRole("status").innerText(), /0 delivered, \d+ delivered before and not sent again/);
    await form.getByLabel("To, included").fill(yesterday);
    await form.getByLabel("User ids").fill("1005");
    await form.getByLabel("Also what was delivered before").check();
    await form.getByRole("button", { name: "Send" }).click();
    assert.match(await page.getByRole("status").innerText(), /^(\d+) punch(es)? match(es)?: \1 delivered\.$/);
  });
});
