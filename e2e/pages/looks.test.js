// What holds for every page, whatever is on it.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { hasNoSidewaysScroll, launch, PAGES, refused, visit } from "./browser.js";
import { startDemo } from "./program.js";

const SHOTS = new URL("shots/", import.meta.url).pathname;
const FIRST_PAGE_BYTES = 200_000;
let demo, browser, all;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch(), mkdir(SHOTS, { recursive: true })]);
  await visit(browser, demo.url, async (page) => {
    await page.goto("/");
    await page.locator(".verdict.tone-good").waitFor({ timeout: 60_000 });
    await page.goto("/users");
    const device = await page.getByLabel("Terminal", { exact: true }).inputValue();
    await page.goto("/people/groups");
    await page.getByLabel("Name").fill("Both doors");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByRole("button", { name: "Put it in" }).click();
    await page.goto(`/terminals/${device}/operations`);
    await page.getByRole("button", { name: "Read it from the terminal" }).click();
    await page.goto(`/terminals/${device}/check`);
    await page.getByRole("button", { name: "Check it now" }).click();
    await page.locator("[data-done]").waitFor({ timeout: 60_000 });
    const job = new URL(page.url()).pathname;
    all = [
      ...PAGES, `/terminals/${device}`, `/terminals/${device}/remove`, `/terminals/${device}/do/unlock`,
      `/terminals/${device}/check`, `/terminals/${device}/operations`, `/terminals/${device}/clear`, job,
      `/users/copy?device=${device}`, "/people/groups", "/people/inbox", "/punches/1", "/destinations/new",
      `/users/edit?device=${device}&user_id=1005`, `/users/delete?device=${device}&user_id=1005`,
    ];
  });
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const shot = (page, look, path) =>
  page.screenshot({ path: `${SHOTS}${look}${path.replace(/\W+/g, "-").replace(/-$/, "") || "-overview"}.png`, fullPage: true });

test("no page scrolls sideways at 360 pixels", async () => {
  await visit(browser, demo.url, async (page) => {
    for (const path of all) {
      await page.goto(path);
      await hasNoSidewaysScroll(page, path);
      await shot(page, "phone", path);
    }
  }, { viewport: { width: 360, height: 740 } });
});

test("a phone shows the way to every page", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/");
    const ways = await page.locator(".nav a").evaluateAll((links) =>
      links.map((link) => [link.textContent, link.getBoundingClientRect().left, link.getBoundingClientRect().right]));
    assert.ok(ways.length >= 7);
    for (const [word, left, right] of ways) assert.ok(left >= 0 && right <= 360, `${word}: ${left} to ${right}`);
  }, { viewport: { width: 360, height: 740 } });
});

test("every page mirrors from right to left, in the dark", async () => {
  await visit(browser, demo.url, async (page) => {
    for (const path of all) {
      await page.goto(path);
      await page.evaluate(() => { document.documentElement.dir = "rtl"; });
      await hasNoSidewaysScroll(page, path);
      const [bar, main] = await page.evaluate(() =>
        [".bar", "main"].map((part) => document.querySelector(part).getBoundingClientRect().left));
      assert.ok(bar > main, `${path}: the navigation stands on the right`);
      const light = await page.evaluate(() =>
        getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).slice(0, 3).map(Number));
      assert.ok(Math.max(...light) < 64, `${path} is dark: ${light}`);
      await shot(page, "rtl-dark", path);
    }
  }, { colorScheme: "dark" });
});

test("text stands out from its ground, in the light and in the dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await visit(browser, demo.url, async (page) => {
      for (const path of all) {
        await page.goto(path);
        const faint = await page.evaluate(faintTexts);
        assert.deepEqual(faint, [], `${path} in the ${colorScheme}`);
      }
    }, { colorScheme });
  }
});

// Texts with a contrast below 4.5 to 1, as WCAG counts it. Runs in the page.
function faintTexts() {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = (channels) => {
    const [r, g, b] = channels.slice(0, 3).map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba("white");
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest(".unseen, .skip, script, option")) continue;
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.push(`${walker.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return faint;
}

test("the keyboard reaches everything, and shows where it is", async () => {
  await visit(browser, demo.url, async (page) => {
    for (const path of all) {
      await page.goto(path);
      const pause = page.getByRole("button", { name: "Pause" });
      if (await pause.count()) await pause.click();
      await page.evaluate(() => document.activeElement.blur());
      const wanted = await page.locator(
        // Of a group of radio buttons the keyboard stops at the chosen one.
        "a[href]:visible, button:visible, input:visible:not([type=hidden], [type=radio]:not(:checked)), select:visible",
      ).count();
      const reached = new Set();
      for (let tab = 0; tab < 3 * wanted + 30; tab += 1) {
        await page.keyboard.press("Tab");
        const seen = await page.evaluate(() => {
          const at = document.activeElement;
          if (at === document.body) return null;
          window.tabbed ??= new Map();
          if (!window.tabbed.has(at)) window.tabbed.set(at, window.tabbed.size);
          const style = getComputedStyle(at);
          return { number: window.tabbed.get(at), tag: at.outerHTML.slice(0, 80),
            visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
            counts: at.matches("a[href], button, input, select") };
        });
        if (!seen) continue;
        assert.ok(seen.visible, `${path}: no focus is seen on ${seen.tag}`);
        if (seen.counts) reached.add(seen.number);
        if (reached.size >= wanted) break;
      }
      assert.ok(reached.size >= wanted, `${path}: ${reached.size} of ${wanted} are reached`);
    }
  });
});

test("every page can be read by a screen reader", async () => {
  await visit(browser, demo.url, async (page) => {
    for (const path of all) {
      await page.goto(path);
      const wrong = await page.evaluate(() => {
        const found = [];
        const each = (selector, isWrong, what) => document.querySelectorAll(selector).forEach((element) => {
          if (isWrong(element)) found.push(`${what}: ${element.outerHTML.slice(0, 100)}`);
        });
        each("input:not([type=hidden]), select", (field) => field.labels.length === 0 && !field.ariaLabel, "no label");
        each("table", (table) => !table.caption?.innerText.trim(), "no caption");
        each("th", (cell) => !cell.scope, "no scope");
        each("svg:not([aria-hidden])", () => true, "an icon is read out");
        each("a, button", (control) => !(control.textContent.trim() || control.getAttribute("aria-label")), "no name");
        each("[aria-labelledby], [aria-describedby]", (element) =>
          (element.getAttribute("aria-labelledby") ?? element.getAttribute("aria-describedby"))
            .split(" ").some((id) => !document.getElementById(id)), "it names an id that is not there");
        const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
        ids.filter((id, index) => ids.indexOf(id) !== index).forEach((id) => found.push(`id ${id} is there twice`));
        const headings = document.querySelectorAll("h1").length;
        if (headings !== 1) found.push(`${headings} first headings`);
        if (!document.documentElement.lang) found.push("no language");
        return found;
      });
      assert.deepEqual(wrong, [], path);
    }
  });
});

test("every page works without a script", async () => {
  await visit(browser, demo.url, async (page) => {
    for (const path of all) {
      await page.goto(path);
      assert.ok((await page.locator("main").innerText()).trim().length > 40, path);
    }
    await page.goto("/");
    await page.locator("tr[data-id]").first().waitFor();
    await page.goto("/users");
    await page.locator("#add").getByLabel("User id").fill("9900");
    await page.locator("#add").getByRole("button", { name: "Add" }).click();
    await page.getByText("User 9900 is on the terminal now.").waitFor();
  }, { javaScriptEnabled: false });
});

test("the first page is small and comes from this server alone", async () => {
  await visit(browser, demo.url, async (page) => {
    const responses = [];
    const note = (response) => responses.push(response);
    page.on("response", note);
    await page.goto("/", { waitUntil: "load" });
    page.off("response", note);
    const bodies = await Promise.all(responses.map((response) => response.body()));
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    const hosts = new Set(responses.map((response) => new URL(response.url()).origin));
    assert.ok(bytes < FIRST_PAGE_BYTES, `${bytes} bytes`);
    assert.deepEqual([...hosts], [new URL(demo.url).origin]);
  });
});

test("pages forbid everything that they do not need", async () => {
  const answer = await fetch(`${demo.url}/`);
  const policy = answer.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const style = /href="(\/assets\/app-[0-9a-f]+\.css)"/.exec(await answer.text())[1];
  const asset = await fetch(demo.url + style);
  assert.match(asset.headers.get("cache-control"), /immutable/);
  assert.equal((await fetch(`${demo.url}/assets/app-000000000000.css`)).status, 404);
});

test("an address that leads nowhere gives a page to people and an envelope to programs", async () => {
  await visit(browser, demo.url, async (page) => {
    const answer = await page.goto("/nowhere");
    assert.equal(answer.status(), 404);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await page.getByRole("link", { name: "To the overview" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  }, { allow: [refused] });
  const program = await fetch(`${demo.url}/nowhere`);
  assert.equal((await program.json()).code, "not_found");
});
