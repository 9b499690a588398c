// Commands to a terminal, whether its log adds up, and punches whose time cannot be right.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { hasNoSidewaysScroll, refused, visit } from "./browser.js";
import { startDelivered } from "./demo.js";
import { startTerminal } from "./program.js";

const SHOTS = new URL("shots/", import.meta.url).pathname;
// A clock whose battery was empty: it stands in the year 2000.
const BEHIND_DAYS = 9_800;
let demo, browser, end, old;

before(async () => {
  [{ demo, browser, end }, old] = await Promise.all([
    startDelivered(),
    startTerminal("--serial", "OLDCLOCK1", "--users", "3", "--records", "0", "--punch-every", "1", "--fingers", "2",
      `--clock-offset=-${BEHIND_DAYS * 86_400}`),
    mkdir(SHOTS, { recursive: true }),
  ]);
});
after(async () => {
  await end?.();
  await old?.stop();
});

const open = async (page, name) => {
  await page.goto("/terminals");
  await page.locator(".card").getByRole("link", { name, exact: true }).click();
};
const shots = async (page, name) => {
  await page.screenshot({ path: `${SHOTS}care-${name}.png`, fullPage: true });
  await page.setViewportSize({ width: 360, height: 740 });
  await hasNoSidewaysScroll(page, name);
  await page.screenshot({ path: `${SHOTS}care-${name}-phone.png`, fullPage: true });
  await page.setViewportSize({ width: 1280, height: 800 });
};

test("the door is opened after a page says what that does", async () => {
  await visit(browser, demo.url, async (page) => {
    await open(page, "Workshop");
    await page.getByRole("link", { name: "Open the door…" }).click();
    await page.getByText("for everybody who stands there").waitFor();
    await shots(page, "unlock");
    await page.getByLabel("For how many seconds").fill("0");
    await page.getByRole("button", { name: "Open the door" }).click();
    assert.match(await page.getByRole("alert").innerText(), /seconds must be more than 0/i);
    await page.getByLabel("For how many seconds").fill("3");
    await page.getByRole("button", { name: "Open the door" }).click();
    await page.getByText("The door of Workshop is open for 3 s.").waitFor();
  }, { allow: [refused] });
});

test("a sound, a message and the clock are a button away", async () => {
  await visit(browser, demo.url, async (page) => {
    await open(page, "Workshop");
    await page.getByRole("link", { name: "Play a sound…" }).click();
    await page.getByRole("button", { name: "Play it" }).click();
    await page.getByText("Workshop plays its sound 0.").waitFor();
    await page.getByRole("link", { name: "Show a message…" }).click();
    await page.getByLabel("Message").fill("Closed today");
    await page.getByRole("button", { name: "Show it" }).click();
    await page.getByText("Workshop shows the message.").waitFor();
    await page.getByRole("button", { name: "Set clock" }).click();
    await page.getByText("Its clock is set.").waitFor();
    await page.getByRole("button", { name: "Let people punch" }).click();
    await page.getByText("People can punch on it.").waitFor();
  });
});

test("the whole log is read when asked for, and its numbers add up", async () => {
  await visit(browser, demo.url, async (page) => {
    await open(page, "Workshop");
    await page.getByRole("button", { name: "Read the whole log" }).click();
    await page.getByText("Its whole log was read").waitFor();
    const newest = page.getByRole("region", { name: "Reads of the whole log" }).locator("tbody tr").first();
    const [says, stored, repeats, unreadable] = (await newest.locator("td.figure").allInnerTexts()).map(Number);
    assert.equal(says, stored + repeats + unreadable);
    await newest.getByText("Adds up").waitFor();
  });
});

test("how a terminal is treated is set on its page", async () => {
  await visit(browser, demo.url, async (page) => {
    await open(page, "Workshop");
    await page.getByLabel("Live punches").selectOption("off");
    await page.getByLabel("Its clock", { exact: true }).selectOption("correct");
    await page.getByLabel("Set it where it is off by more than").fill("45");
    await page.getByLabel("Letters of names").selectOption("windows-1256");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The settings of Workshop are saved").waitFor();
    assert.equal(await page.getByLabel("Live punches").inputValue(), "off");
    assert.equal(await page.getByLabel("Set it where it is off by more than").inputValue(), "45");
    assert.equal(await page.getByLabel("Letters of names").inputValue(), "windows-1256");
    await shots(page, "terminal");
    await page.getByLabel("Live punches").selectOption("auto");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The settings of Workshop are saved").waitFor();
  });
});

test("fingerprints are read when an administrator asks for it", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/terminals");
    await page.getByLabel("IP address or host name").fill("127.0.0.1");
    await page.getByLabel("Port").fill(old.port);
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Old gate");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("heading", { name: "Old gate" }).first().waitFor();
    await open(page, "Old gate");
    await page.getByText("None are kept here").waitFor();
    await page.getByRole("button", { name: "Read them from the terminal" }).click();
    await page.getByText("6 fingerprints of 3 people are kept.").waitFor();
    await page.getByText("2 fingers").first().waitFor();
    await shots(page, "fingers");
  });
});

test("punches of a wrong clock are held, shown moved, and released", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/");
    await page.getByRole("link", { name: "Look at them" }).waitFor({ timeout: 30_000 });
    await page.screenshot({ path: `${SHOTS}care-overview.png`, fullPage: true });
    await page.getByRole("link", { name: "Look at them" }).click();
    // No more of them while this is looked at.
    await old.stop();
    await page.reload();
    await page.getByLabel("Move their times by").fill("soon");
    await page.getByRole("button", { name: "Preview" }).click();
    assert.match(await page.getByRole("alert").innerText(), /9822 days, 3h 30m/);
    await page.getByLabel("Move their times by").fill(`${BEHIND_DAYS} days`);
    await page.getByRole("button", { name: "Preview" }).click();
    const year = new Date().getFullYear();
    await page.getByRole("region", { name: "Held punches" }).getByText(new RegExp(`^${year}|^${year - 1}`)).first().waitFor();
    await shots(page, "held");
    await page.getByLabel("Why").fill("the battery of its clock was empty");
    const release = page.getByRole("button", { name: /^Release \d+ punch/ });
    const [held] = /\d+/.exec(await release.innerText());
    await release.click();
    await page.getByText(new RegExp(`^${held} punch.* released`)).waitFor();
    await page.getByText("Nothing is held").waitFor();
  }, { allow: [refused] });
});
