import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hasNoSidewaysScroll, visit } from "./browser.js";
import { startDelivered } from "./demo.js";

let demo, browser, end;
before(async () => {
  ({ demo, browser, end } = await startDelivered());
});
after(() => end?.());

async function api(path) {
  return (await (await fetch(`${demo.url}/api/v1${path}`)).json()).data;
}

test("people come from a CSV file, tried first", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/people/import");
    await page.getByLabel("A file").setInputFiles({
      name: "people.csv", mimeType: "text/csv",
      buffer: Buffer.from("employee_number,name,groups\nE-1,Dana Example,Night;Drivers\nE-2,Bo Example,\n"),
    });
    await page.waitForFunction(() => document.getElementById("csv").value.includes("E-1"));
    await page.getByRole("button", { name: "Go" }).click();
    await page.getByText("2 would be added").waitFor();
    assert.equal((await api("/people?text=E-")).people.length, 0);
    await page.getByLabel("Only say what would be done").uncheck();
    await page.getByRole("button", { name: "Go" }).click();
    await page.getByText("2 were added").waitFor();
    await page.goto("/people?find=E-1");
    await page.getByRole("link", { name: "E-1" }).click();
    assert.equal(await page.getByLabel("Groups").inputValue(), "Drivers, Night");
  });
});

test("a question about a user id is answered with a press of a button, or with somebody new", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/people/inbox");
    const before = (await api("/inbox")).open;
    assert.ok(before > 1);
    const item = page.locator("li.sheet").first();
    await item.getByText("Somebody else").click();
    await item.getByLabel("Employee number").fill("E-1");
    await item.getByRole("button", { name: "It is theirs", exact: true }).click();
    await page.getByText(/^User id \S+ is answered/).waitFor();
    assert.equal((await api("/inbox")).open, before - 1);
    await page.locator("li.sheet").first().getByRole("button", { name: "Nobody's" }).click();
    await page.getByText(/^User id \S+ is answered/).waitFor();
    assert.equal((await api("/inbox")).open, before - 2);
    await page.goto("/people/inbox?answered=1");
    await page.getByText("It is Dana Example (E-1), said this machine.").waitFor();
  });
});

test("a name that a terminal knows is suggested", async () => {
  await visit(browser, demo.url, async (page) => {
    const asked = (await api("/inbox?limit=200")).items.find((item) => item.called);
    assert.ok(asked, "a terminal has a name for an open user id");
    const made = await fetch(`${demo.url}/api/v1/people`, {
      method: "POST", body: JSON.stringify({ employee_number: "E-9", name: asked.called }),
    });
    assert.equal(made.status, 201);
    await page.goto("/people/inbox");
    await page.getByRole("button", { name: new RegExp(`E-9.*the same name`) }).first().click();
    await page.getByText(/^User id \S+ is answered/).waitFor();
    const { people: [person] } = await api("/people?text=E-9");
    await page.goto(`/people/${person.id}`);
    await page.getByText("Theirs", { exact: true }).first().waitFor();
  });
});

test("the pages of people fit a telephone, from right to left too", async () => {
  await visit(browser, demo.url, async (page) => {
    const { people: [person] } = await api("/people?text=E-1");
    for (const dir of ["ltr", "rtl"]) {
      for (const path of ["/people", `/people/${person.id}`, "/people/inbox", "/people/inbox?answered=1", "/people/import"]) {
        await page.goto(path);
        await page.evaluate((dir) => { document.documentElement.dir = dir; }, dir);
        await hasNoSidewaysScroll(page, `${path} ${dir}`);
      }
    }
  }, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });
});

test("terminals that share their user ids are put into a group, and taken out", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/people");
    await page.getByRole("link", { name: "Terminals that share their user ids" }).click();
    await page.getByText("No group yet").waitFor();
    await page.getByLabel("Name").fill("Both doors");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByText("Both doors is added.").waitFor();
    await page.getByLabel("Put in").selectOption({ label: "Workshop" });
    await page.getByLabel("From", { exact: true }).fill("2026-01-01");
    await page.getByRole("button", { name: "Put it in" }).click();
    await page.getByText("Its user ids mean what they mean in Both doors now.").waitFor();
    await page.setViewportSize({ width: 360, height: 740 });
    await hasNoSidewaysScroll(page, "the groups");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByLabel(/^Until when Workshop was in Both doors/).fill("2026-02-01");
    await page.getByRole("button", { name: "Take out" }).click();
    await page.getByText("It is out of Both doors.").waitFor();
    await page.getByText("Rename or remove").click();
    await page.getByRole("button", { name: "Remove Both doors" }).click();
    await page.getByText("Both doors is removed.").waitFor();
  });
});

test("many questions are answered at once", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/people/inbox");
    const before = (await api("/inbox")).open;
    const many = page.getByRole("form", { name: "Answer many at once" });
    await many.getByRole("button", { name: "Nobody's" }).click();
    await page.getByText("Nothing is ticked").waitFor();
    const boxes = page.locator("input[name=item]");
    const shown = await boxes.count();
    await many.getByLabel("All").check();
    assert.equal(await page.locator("input[name=item]:checked").count(), shown);
    await many.getByLabel("All").uncheck();
    await boxes.first().check();
    await boxes.nth(1).check();
    await many.getByRole("button", { name: "Nobody's" }).click();
    await page.getByText("2 questions are answered.").waitFor();
    assert.equal((await api("/inbox")).open, before - 2);
  });
});

test("a punch tells whose it is, and why it goes where", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/punches");
    await page.locator("tbody a").last().click();
    await page.getByRole("heading", { name: "Whose it is" }).waitFor();
    await page.getByText("The receiver took it.").waitFor();
    await page.setViewportSize({ width: 360, height: 740 });
    await hasNoSidewaysScroll(page, "a punch");
  });
});

test("a name that the terminal had to cut is told", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/users");
    await page.locator("#add").getByLabel("User id").fill("9911");
    await page.locator("#add").getByLabel("Name").fill("Maximiliane Wolfeschlegelsteinhausenbergerdorff");
    await page.locator("#add").getByRole("button", { name: "Add" }).click();
    await page.locator(".note.tone-warn").getByText(/is on the terminal now\..*instead of/).waitFor();
  });
});
