import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { hasNoSidewaysScroll, refused, visit } from "./browser.js";
import { startDelivered } from "./demo.js";

let demo, browser, end, receiver;
let status = 200;
const bodies = [];

before(async () => {
  ({ demo, browser, end } = await startDelivered());
  receiver = createServer((request, answer) => {
    let body = "";
    request.on("data", (part) => { body += part; }).on("end", () => {
      bodies.push(body);
      answer.statusCode = status;
      answer.end(status === 200 ? "{}" : '{"message":"no such employee"}');
    });
  });
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  receiver?.close();
  await end?.();
});

async function api(path) {
  return (await (await fetch(`${demo.url}/api/v1${path}`)).json()).data;
}

test("a destination is added with its template, which is seen before it is saved", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/destinations");
    await page.getByRole("link", { name: "Add a destination" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Payroll");
    await page.getByLabel("URL", { exact: true }).fill(`http://127.0.0.1:${receiver.address().port}/data`);
    await page.getByLabel("Delivery", { exact: true }).selectOption("paused");
    await page.getByLabel("Body", { exact: true }).selectOption("template");
    await page.getByLabel("Content type").fill("text/plain");
    await page.getByLabel("Template", { exact: true }).fill("one\n{{ records | nothing }}");
    await page.getByText("line 2").waitFor();
    await page.getByLabel("Template", { exact: true }).fill("{% for each in records %}badge {{ each.pin }};{% endfor %}");
    await page.locator("pre", { hasText: /badge \d+;/ }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Show the preview" }).isVisible(), false);
    await page.getByText("Signatures, certificates, proxy, this machine").click();
    await page.getByLabel("The receiver runs on this very machine").check();
    await page.getByRole("button", { name: "Add the destination" }).click();
    await page.getByText("Payroll is added.").waitFor();
    const made = await api("/destinations/Payroll");
    assert.equal(made.request.body.shape, "template");
    assert.equal(made.mode, "paused");
    assert.equal(made.status.waiting, 0);
  });
});

test("the number of punches that match follows the filter while it is typed", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/destinations/new");
    await page.getByLabel("Also those since").check();
    await page.getByLabel("Since which day").fill("2000-01-01");
    await page.getByText(/^\d{3,} stored punches match$/).waitFor();
    await page.getByLabel("People", { exact: true }).fill("nobody");
    await page.getByText("0 stored punches match").waitFor();
  });
});

test("without a script the preview is asked for by its button, and what was typed stays", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/destinations/new");
    await page.getByLabel("Body", { exact: true }).selectOption("events");
    await page.getByRole("button", { name: "Show the preview" }).click();
    await page.locator("pre", { hasText: "occurred" }).or(page.locator("pre", { hasText: '"type"' })).first().waitFor();
    assert.equal(await page.getByLabel("Body", { exact: true }).inputValue(), "events");
  }, { javaScriptEnabled: false });
});

test("what cannot be is told in text and nothing is lost", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/destinations/new");
    await page.getByLabel("Name", { exact: true }).fill("Metadata");
    await page.getByLabel("URL", { exact: true }).fill("http://169.254.169.254/latest");
    await page.getByRole("button", { name: "Add the destination" }).click();
    await page.getByRole("alert").waitFor();
    assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Metadata");
  }, { allow: [refused] });
});

test("a paused destination queues, a test shows what came back, and resuming sends", async () => {
  await visit(browser, demo.url, async (page) => {
    const { id } = await api("/destinations/Payroll");
    await page.goto(`/destinations/${id}`);
    status = 422;
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("no such employee").first().waitFor();
    assert.match(bodies.at(-1), /^badge /);
    status = 200;
    // What was tested is looked at again later.
    await page.goto(`/destinations/${id}`);
    await page.locator("#requests tbody tr", { hasText: "Test" }).first().getByRole("link").click();
    await page.getByRole("heading", { name: "The request" }).waitFor();
    await page.locator("pre", { hasText: "badge " }).waitFor();
    await page.getByText("This is what was sent, to the byte").waitFor();
    // The demo's people go on punching.
    await page.goto(`/destinations/${id}`);
    for (let tries = 0; (await api("/destinations/Payroll")).status.waiting === 0; tries += 1) {
      assert.ok(tries < 200, "nobody punches");
      await page.waitForTimeout(100);
    }
    await page.goto(`/destinations/${id}/dry-run`);
    await page.getByText("It does not go yet:").waitFor();
    await page.goto(`/destinations/${id}`);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("Payroll goes on.").waitFor();
    await page.locator("[data-live] .pill", { hasText: /All sent|Sending/ }).waitFor();
    await page.getByRole("button", { name: "Pause delivery" }).click();
    await page.getByText("Payroll is paused.").waitFor();
  });
});

test("a request is shown as it was sent, with its answer", async () => {
  await visit(browser, demo.url, async (page) => {
    const { id } = await api("/destinations/Payroll");
    await page.goto(`/destinations/${id}?requests=failed#requests`);
    await page.locator("#requests tbody a").first().click();
    await page.getByRole("heading", { name: "What came back" }).waitFor();
    await page.getByText('{"message":"no such employee"}').or(page.getByText("no such employee")).first().waitFor();
    const sent = (await api("/attempts?destination=default")).attempts[0];
    await page.goto(`/destinations/1/attempts/${sent.id}`);
    await page.getByText("This is what was sent, to the byte").waitFor();
    await page.locator("pre", { hasText: "employee_id" }).waitFor();
  });
});

test("the pages of a destination fit a telephone, from right to left too", async () => {
  await visit(browser, demo.url, async (page) => {
    const { id } = await api("/destinations/Payroll");
    for (const dir of ["ltr", "rtl"]) {
      for (const path of [`/destinations/${id}`, `/destinations/${id}/settings`, `/destinations/${id}/remove`, "/destinations/new"]) {
        await page.goto(path);
        await page.evaluate((dir) => { document.documentElement.dir = dir; }, dir);
        await hasNoSidewaysScroll(page, `${path} ${dir}`);
      }
    }
  }, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });
});

test("a destination is removed after a question, and the punches stay", async () => {
  await visit(browser, demo.url, async (page) => {
    const { id } = await api("/destinations/Payroll");
    await page.goto(`/destinations/${id}`);
    await page.getByRole("link", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Remove it" }).click();
    await page.getByText("Payroll is removed.").waitFor();
    assert.equal((await api("/destinations")).destinations.some((each) => each.name === "Payroll"), false);
  });
});
