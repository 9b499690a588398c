import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { refused, visit } from "./browser.js";
import { startDelivered } from "./demo.js";

let demo, browser, end;
before(async () => {
  ({ demo, browser, end } = await startDelivered());
});
after(() => end?.());

const row = (page, id) => page.locator("tbody tr", { has: page.getByText(id, { exact: true }) });

async function add(page, fields) {
  const form = page.locator("#add");
  for (const [label, value] of Object.entries(fields)) await form.getByLabel(label, { exact: true }).fill(value);
  await form.getByRole("button", { name: "Add" }).click();
}

test("somebody is added, changed and deleted", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/users");
    await add(page, { "User id": "9001", Name: "Nadia Rahman" });
    await page.getByText("Nadia Rahman (9001) is on the terminal now.").waitFor();
    assert.match(await row(page, "9001").innerText(), /Nadia Rahman\s+User/);

    await row(page, "9001").getByRole("link", { name: "Edit" }).click();
    await page.getByLabel("Name").fill("Nadia Karim");
    await page.getByLabel("Role").selectOption({ label: "Administrator" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Nadia Karim (9001) is changed on the terminal.").waitFor();
    assert.match(await row(page, "9001").innerText(), /Nadia Karim\s+Administrator/);

    await row(page, "9001").getByRole("link", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "Delete Nadia Karim?" }).waitFor();
    await page.getByRole("button", { name: "Delete Nadia Karim" }).click();
    await page.getByText("User 9001 is deleted from the terminal").waitFor();
    assert.equal(await row(page, "9001").count(), 0);
  });
});

test("a message about a deed is shown once", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/users");
    await add(page, { "User id": "9002", Name: "Once" });
    await page.getByText("is on the terminal now").waitFor();
    await page.reload();
    assert.equal(await page.getByText("is on the terminal now").count(), 0);
  });
});

test("what is wrong with a user is said in text, and what was typed stays", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/users");
    await add(page, { "User id": "90 03", Name: "Blank" });
    assert.match(await page.getByRole("alert").innerText(), /user_id cannot be used/);
    assert.equal(await page.locator("#add").getByLabel("Name", { exact: true }).inputValue(), "Blank");
  }, { allow: [refused] });
});

test("a name with signs of HTML is a name", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/users");
    await add(page, { "User id": "9004", Name: "<b>&\"'</b>" });
    await page.getByText("(9004) is on the terminal now.").waitFor();
    assert.match(await row(page, "9004").innerText(), /<b>&"'<\/b>/);
  });
});

test("the last administrator is deleted only on purpose", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/users");
    const device = await page.getByLabel("Terminal", { exact: true }).inputValue();
    const admins = page.locator("tbody tr", { has: page.getByText("Administrator") });
    const count = await admins.count();
    assert.ok(count > 0);
    const ids = await admins.locator("td:first-child").allInnerTexts();
    for (const [index, id] of ids.entries()) {
      await page.goto(`/users/delete?device=${device}&user_id=${id}`);
      await page.getByRole("button", { name: /^Delete/ }).click();
      if (index < ids.length - 1) continue;
      assert.match(await page.getByRole("alert").innerText(), /last administrator/);
      await page.getByLabel("Delete the last administrator all the same").check();
      await page.getByRole("button", { name: /^Delete/ }).click();
      await page.getByText(`User ${id} is deleted from the terminal`).waitFor();
    }
  }, { allow: [refused] });
});

test("users are found by a part of their name or id", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/users");
    await page.getByLabel("Name or user id").fill("1005");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText(/1 of \d+ users/).waitFor();
    assert.equal(await page.locator("tbody tr").count(), 1);
  });
});

test("users of another terminal are shown by choosing it", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/users");
    await page.getByLabel("Terminal", { exact: true }).selectOption({ label: "Workshop" });
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("heading", { name: "25 users" }).waitFor();
  });
});

test("an import first says what it would do, then does it", async () => {
  const people = { employees: [
    { emp_code: "9101", full_name: "Import One" }, { emp_code: "9102", full_name: "Import Two" }, { full_name: "Nobody" },
  ] };
  const source = createServer((request, answer) => {
    answer.setHeader("Content-Type", "application/json").end(JSON.stringify(people));
  });
  await new Promise((resolve) => source.listen(0, "127.0.0.1", resolve));
  try {
    await visit(browser, demo.url, async (page) => {
      await page.goto("/users");
      await page.locator("#import").getByLabel("URL").fill(`http://127.0.0.1:${source.address().port}/people.json`);
      await page.locator("#import").getByRole("button", { name: "Import" }).click();
      await page.getByText("Nothing was changed yet: the list has 3 users").waitFor();
      assert.match(await page.locator(".tiles").innerText(), /2\s+would be added|would be added\s+2/);
      assert.match(await page.locator("tbody").innerText(), /It has no user id/);
      await page.getByRole("button", { name: "Import now" }).click();
      await page.getByText("The list had 3 users").waitFor();
      await page.getByRole("link", { name: "See the users" }).click();
      assert.match(await row(page, "9102").innerText(), /Import Two/);
    });
  } finally {
    source.close();
  }
});

test("an import from an address that must not be reached is refused in text", async () => {
  await visit(browser, demo.url, async (page) => {
    await page.goto("/users");
    await page.locator("#import").getByLabel("URL").fill("http://169.254.169.254/latest/meta-data");
    await page.locator("#import").getByRole("button", { name: "Import" }).click();
    assert.match(await page.getByRole("alert").innerText(), /url/i);
  }, { allow: [refused] });
});
