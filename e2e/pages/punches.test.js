import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { refused, visit } from "./browser.js";
import { startDelivered } from "./demo.js";

let demo, browser, end;
before(async () => {
  ({ demo, browser, end } = await startDelivered());
});
after(() => end?.());

const ids = (page) => page.locator("tr[data-id]").evaluateAll((rows) => rows.map((row) => row.dataset.id));

test("a filter shows the punches of one person, and its CSV holds the same", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/punches");
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel("To, included").fill(yesterday);
    await page.getByLabel("User ids").fill("1005");
    await page.getByRole("button", { name: "Show" }).click();
    const heading = await page.locator("#list-title").innerText();
    const count = Number(/^(\d+) punch/.exec(heading)[1]);
    assert.ok(count > 0, heading);
    const [download] = await Promise.all([
      page.waitForEvent("download"), page.getByRole("link", { name: "Download as CSV" }).click(),
    ]);
    const lines = (await readFile(await download.path(), "utf8")).trim().split(/\r?\n/);
    assert.equal(lines.length - 1, count);
    assert.ok(lines.slice(1).every((line) => line.startsWith("1005,")), lines[1]);
  });
});

test("pages follow one another without a gap or a double", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/punches?end_date=2026-01-01&start_date=2000-01-01");
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    await page.goto(`/punches?end_date=${yesterday}`);
    const seen = await ids(page);
    await page.getByRole("link", { name: "Older" }).click();
    await page.getByRole("link", { name: "Newest" }).waitFor();
    const older = await ids(page);
    assert.equal(seen.length, 50);
    assert.ok(older.length > 0);
    assert.equal(new Set([...seen, ...older]).size, seen.length + older.length);
  });
});

test("a filter that cannot be is told in text beside the form", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/punches?start_date=2026-02-02&end_date=2026-01-01");
    assert.match(await page.getByRole("alert").innerText(), /is after end_date/);
    assert.equal(await page.getByLabel("From").inputValue(), "2026-02-02");
  }, { allow: [refused] });
});
