// The demo for a file of tests, and a browser to look at it; all that its terminals began with is delivered already.

import { launch, visit } from "./browser.js";
import { startDemo } from "./program.js";

export async function startDelivered() {
  const [demo, browser] = await Promise.all([startDemo(), launch()]);
  const end = async () => {
    await browser.close();
    await demo.stop();
  };
  try {
    await visit(browser, demo.url, async (page) => {
      await page.goto("/");
      await page.locator(".verdict.tone-good").waitFor({ timeout: 60_000 });
    });
  } catch (error) {
    await end();
    throw error;
  }
  return { demo, browser, end };
}
