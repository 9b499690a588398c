// Debian's Chromium, and what is watched on every page: errors on its console and violations of its policy.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const PAGES = ["/", "/terminals", "/users", "/people", "/punches", "/punches/held", "/destinations", "/export", "/sync-status"];

/** One browser for a file of tests. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--no-first-run", "--disable-dev-shm-usage",
      // Chromium's sandbox refuses root, as whom containers mostly run.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  });
}

/** Opens a page in a context of its own, does the work, and fails on anything that the browser complained of. */
export async function visit(browser, url, work, { allow = [], ...options } = {}) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    await work(page);
    const unexpected = complaints.filter((text) => !allow.some((pattern) => pattern.test(text)));
    assert.deepEqual(unexpected, [], "the browser complained");
  } finally {
    await context.close();
  }
}

/** What a browser says of an answer 400, 401, 403 … that a test asks for. */
export const refused = /Failed to load resource: the server responded with a status of 4\d\d/;

export async function hasNoSidewaysScroll(page, what) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${what} is ${content} px wide in a window of ${window} px`);
}
