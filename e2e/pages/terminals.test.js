import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { refused, visit } from "./browser.js";
import { startDelivered } from "./demo.js";

let demo, browser, end;
before(async () => {
  ({ demo, browser, end } = await startDelivered());
});
after(() => end?.());

const open = (page, name) => page.locator(".card").getByRole("link", { name, exact: true }).click();

test("an address at which nothing answers is told with cause and remedy, and changes nothing", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/terminals");
    const before = await page.locator(".card").count();
    await page.getByLabel("IP address or host name").fill("127.0.0.1");
    await page.getByLabel("Port").fill("1");
    await page.getByRole("button", { name: "Connect" }).click();
    assert.match(await page.getByRole("alert").innerText(), /127\.0\.0\.1:1/);
    assert.equal(await page.getByLabel("Port").inputValue(), "1");
    assert.equal(await page.locator(".card").count(), before);
  }, { allow: [refused, /status of 503/] });
});

test("a terminal is disabled and enabled again", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/terminals");
    await open(page, "Workshop");
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText("Workshop is not contacted any more").waitFor();
    await page.locator(".pill", { hasText: "Disabled" }).first().waitFor();
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText("Workshop is contacted regularly again.").waitFor();
  });
});

test("another terminal becomes the default one", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/terminals");
    await open(page, "Warehouse");
    await page.getByRole("button", { name: "Make default" }).click();
    await page.getByText("is the one that is meant where none is named").waitFor();
    await page.goto("/terminals");
    assert.match(await page.locator(".card", { hasText: "Warehouse" }).locator("h3").innerText(), /default/);
  });
});

test("settings are saved, and a wrong one is told in text", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/terminals");
    await open(page, "Workshop");
    await page.getByLabel("Contact every").fill("3");
    await page.getByRole("button", { name: "Save" }).click();
    assert.match(await page.getByRole("alert").innerText(), /interval must be from 10 seconds/i);
    await page.getByLabel("Contact every").fill("15s");
    await page.getByLabel("Time zone of its clock").fill("UTC");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The settings of Workshop are saved").waitFor();
    assert.equal(await page.getByLabel("Contact every").inputValue(), "15");
  }, { allow: [refused] });
});

test("a terminal is removed after a question, keeps its punches, and comes back when it is connected", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/terminals");
    const card = page.locator(".card", { hasText: "Main gate" });
    const address = await card.locator("dd").first().innerText();
    await open(page, "Main gate");
    await page.getByRole("link", { name: "Remove…" }).click();
    await page.getByRole("heading", { name: "Remove Main gate?" }).waitFor();
    await page.getByRole("button", { name: "Remove it" }).click();
    await page.getByText("Main gate is removed. Its punches stay here.").waitFor();
    assert.equal(await page.locator(".card", { hasText: "Main gate" }).count(), 0);

    const [ip, port] = address.split(":");
    await page.getByLabel("IP address or host name").fill(ip);
    await page.getByLabel("Port").fill(port);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText(/Connected to .* with \d+ users and \d+ punches/).waitFor();
    assert.equal(await page.locator(".card").count(), 3);
  });
});
