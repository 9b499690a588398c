import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visit } from "./browser.js";
import { startDemo } from "./program.js";

let demo, browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const newest = (page) => page.locator("tr[data-id]").first().getAttribute("data-id");

test("punches arrive without a reload", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/");
    await page.locator("tr[data-id]").first().waitFor();
    const first = await newest(page);
    await page.evaluate(() => { window.loadedOnce = true; });
    await page.waitForFunction((known) => {
      const newest = document.querySelector("tr[data-id]");
      return newest && newest.dataset.id !== known && newest.classList.contains("arrived");
    }, first, { timeout: 60_000 });
    assert.equal(await page.evaluate(() => window.loadedOnce), true);
  });
});

test("one sentence says whether everything is delivered", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/");
    const verdict = page.locator(".verdict");
    await page.waitForFunction(() => document.querySelector(".verdict.tone-good"));
    assert.match(await verdict.innerText(), /All punches are delivered|Delivery is well/);
    const delivered = await (await fetch(`${demo.url}/api/sync-status`)).json();
    assert.ok(delivered.data.delivered > 0);
  });
});

test("each terminal has a card with its state in a word", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/");
    for (const name of ["Main gate", "Workshop", "Warehouse"]) {
      const card = page.locator(".card", { hasText: name });
      await card.getByText("Online").waitFor();
      assert.match(await card.innerText(), /\d+ on it, \d+ stored here/);
    }
  });
});

test("the feed can be paused and goes on again", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.clock.install();
    await page.goto("/");
    const state = page.locator(".live-state");
    await state.getByRole("button", { name: "Pause" }).click();
    assert.match(await state.innerText(), /Paused/);
    let asked = 0;
    page.on("request", (request) => { if (request.url().includes("/fragments/")) asked += 1; });
    // What was asked before is answered.
    await page.waitForLoadState("networkidle");
    asked = 0;
    await page.clock.runFor(60_000);
    assert.equal(asked, 0, "nothing is asked for while it is paused");
    const answer = page.waitForResponse((response) => response.url().includes("/fragments/overview"));
    await state.getByRole("button", { name: "Go on" }).click();
    await answer;
    await state.getByText("Live").waitFor();
  });
});

test("the server going away is told, and so is its return", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/");
    await page.context().setOffline(true);
    await page.getByText("Connection lost, trying again").waitFor();
    await page.context().setOffline(false);
    await page.locator(".live-state[data-state=live]").waitFor({ timeout: 40_000 });
  }, { allow: [/ERR_INTERNET_DISCONNECTED/] });
});

test("a text that somebody selects in the feed stays", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/");
    await page.locator("tr[data-id] td").first().waitFor();
    const row = await page.evaluate(() => {
      const cell = document.querySelector("tr[data-id] td");
      getSelection().selectAllChildren(cell);
      return cell.parentElement.dataset.id;
    });
    await page.waitForResponse((response) => response.url().includes("/fragments/overview"));
    await page.waitForResponse((response) => response.url().includes("/fragments/overview"));
    assert.equal(await page.evaluate(() => getSelection().anchorNode.closest("tr").dataset.id), row);
  });
});
