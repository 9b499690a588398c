// Checks of a terminal, what was done at it, clearing its log, and copying its people: begun on a page, looked at as a job.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { hasNoSidewaysScroll, refused, visit } from "./browser.js";
import { startDelivered } from "./demo.js";
import { startTerminal } from "./program.js";

let demo, browser, end, fingers, other;

before(async () => {
  [{ demo, browser, end }, fingers, other] = await Promise.all([
    startDelivered(),
    startTerminal("--serial", "FINGERS1", "--users", "3", "--records", "20", "--fingers", "2"),
    startTerminal("--serial", "OTHER1", "--users", "0", "--records", "0"),
  ]);
  for (const [name, terminal] of [["Fingers", fingers], ["Other door", other]]) {
    const answer = await fetch(`${demo.url}/api/connect`, {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ip: "127.0.0.1", port: Number(terminal.port), name }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }
});
after(async () => {
  await end?.();
  await fingers?.stop();
  await other?.stop();
});

const open = async (page, name) => {
  await page.goto("/terminals");
  await page.locator(".card").getByRole("link", { name, exact: true }).click();
};
const ended = (page) => page.locator("[data-done]").waitFor({ timeout: 60_000 });
const narrow = async (page, what) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await hasNoSidewaysScroll(page, what);
  await page.setViewportSize({ width: 1280, height: 800 });
};

test("a check tells each step with its remedy, and its conversation can be downloaded", async () => {
  await visit(browser, demo.url, async (page) => {
    await open(page, "Workshop");
    await page.getByRole("link", { name: "Check this terminal…" }).click();
    await page.getByText("Nothing on it is changed").waitFor();
    await narrow(page, "the question");
    await page.getByLabel("Keep the conversation").check();
    await page.getByRole("button", { name: "Check it now" }).click();
    await ended(page);
    await page.getByRole("button", { name: "Pause" }).waitFor({ state: "detached" });
    const steps = page.locator(".steps > li");
    assert.equal(await steps.count(), 9);
    await steps.filter({ hasText: "Is its clock right?" }).getByText("Fine").waitFor();
    await narrow(page, "the check");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download it" }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^conversation-\d+\.txt$/);
    assert.match(await readFile(await download.path(), "utf8"), /^zk-capture 1\n/);
    await open(page, "Workshop");
    await page.getByRole("link", { name: "Check of the terminal" }).waitFor();
  });
});

test("a check waits for somebody to punch without a script, and the page can be looked at again", async () => {
  await visit(browser, demo.url, async (page) => {
    // Nobody punches on it, so that the wait is not over before its page is seen.
    await open(page, "Other door");
    await page.getByRole("link", { name: "Check this terminal…" }).click();
    await page.getByLabel("Wait for somebody to punch").selectOption("10");
    await page.getByRole("button", { name: "Check it now" }).click();
    const job = page.url().replace("/jobs/", "/api/v1/jobs/");
    await page.getByText("It is under way").waitFor();
    const deadline = Date.now() + 60_000;
    while ((await (await fetch(job)).json()).data.state === "running") {
      assert.ok(Date.now() < deadline, "the check never ended");
      await new Promise((resolve) => { setTimeout(resolve, 200); });
    }
    await page.getByRole("link", { name: "Look again" }).click();
    await ended(page);
    await page.getByText("Does it tell punches as they happen?").waitFor();
  }, { javaScriptEnabled: false });
});

test("what was done at a terminal is read and told by name", async () => {
  await visit(browser, demo.url, async (page) => {
    await open(page, "Workshop");
    await page.getByRole("button", { name: "Set clock" }).click();
    await page.getByText("Its clock is set.").waitFor();
    await page.getByRole("link", { name: "What was done at it" }).click();
    await page.getByText("It was not read yet").waitFor();
    await page.getByRole("button", { name: "Read it from the terminal" }).click();
    await page.getByRole("region", { name: "Operations" }).getByText("Clock set").first().waitFor();
    await narrow(page, "the operations");
  });
});

test("people go to another terminal after a check that writes nothing", async () => {
  await visit(browser, demo.url, async (page) => {
    await open(page, "Fingers");
    await page.getByRole("link", { name: "Copy its people…" }).click();
    await page.getByLabel("To", { exact: true }).selectOption({ label: "Other door" });
    await page.getByRole("button", { name: "Check it first" }).click();
    assert.match(await page.getByRole("alert").innerText(), /Nobody is ticked/);
    assert.equal(await page.getByLabel("To", { exact: true }).locator("option:checked").innerText(), "Other door");
    const boxes = page.getByRole("group", { name: "People" }).getByRole("checkbox");
    await boxes.first().check();
    await boxes.nth(1).check();
    await narrow(page, "the people");
    await page.getByRole("button", { name: "Check it first" }).click();
    await ended(page);
    await page.getByText("the same algorithm; they go along").waitFor();
    await page.getByText("Nothing was written yet.").waitFor();
    assert.equal(await page.getByText("Will be added").count(), 2);
    await narrow(page, "the check before copying");
    await page.getByRole("button", { name: "Copy now" }).click();
    await page.getByText("2 people copied to Other door").waitFor({ timeout: 60_000 });
    await page.getByRole("link", { name: "See the users of Other door" }).click();
    await page.getByRole("heading", { name: "2 users" }).waitFor();
  }, { allow: [refused] });
});

test("a log is cleared after its terminal's name is written", async () => {
  await visit(browser, demo.url, async (page) => {
    await open(page, "Fingers");
    await page.getByRole("button", { name: "Read the whole log" }).click();
    await page.getByText("Its whole log was read").waitFor();
    await page.getByRole("link", { name: "Clear its log…" }).click();
    await page.getByText("Adds up", { exact: true }).waitFor();
    await narrow(page, "the question");
    await page.getByLabel("To confirm, write its name").fill("finger");
    await page.getByRole("button", { name: "Clear its log" }).click();
    assert.match(await page.getByRole("alert").innerText(), /Write the terminal's name/);
    await page.getByLabel("To confirm, write its name").fill("Fingers");
    await page.getByRole("button", { name: "Clear its log" }).click();
    await page.getByText("Its log is empty: 20 punches were cleared").waitFor({ timeout: 60_000 });
    await page.getByText("Counted right before").waitFor();
    await narrow(page, "the job");
    const held = await (await fetch(`${demo.url}/api/attendance?device=FINGERS1`)).json();
    assert.equal(held.data.count, 20, "they are all in the ledger");
  }, { allow: [refused] });
});
