// What is shown when there is nothing, when the gateway is gone, and to who may only look. These need a gateway of
// another kind than the one of CONSOLE_LINK, so the mock plays it, and they rest where that is set.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { start } from "../dev/mock.js";
import { axe, browser, enter, isReal, settled, shot } from "./support.js";

let chromium;
const ends = [];
before(async () => {
  chromium = await browser();
});
afterEach(() => Promise.all(ends.splice(0).map((end) => end())));
after(() => chromium.close());

/** A mock that ends with its test, however that goes. */
async function mock(options) {
  const served = await start(options);
  ends.push(() => served.end().catch(() => undefined));
  return served;
}

async function at(served, name) {
  const entered = await enter(chromium, served);
  await entered.page.goto(`${served.base}/console/${name}`);
  await settled(entered.page);
  return entered;
}

test("an empty page says which command fills it, with the gateway's own address", { skip: isReal }, async () => {
  const served = await mock({ empty: true });
  for (const name of ["now", "traffic", "migration"]) {
    const { page, context, faults } = await at(served, name);
    const command = page.locator(".nothing code").first();
    await command.waitFor();
    assert.match(await command.textContent(), new RegExp(`^curl '${served.base}/api.php\\?op=useradd`));
    assert.deepEqual(await axe(chromium, served, context, page), []);
    await shot(page, `${name}-empty`);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("a gateway that is gone leaves the page what it had, says since when, and is found again", { skip: isReal }, async () => {
  const served = await mock();
  const { page, context } = await at(served, "now");
  await page.getByText("answered by upstream").waitFor();
  await served.end();
  await page.getByText(/Nothing heard from the gateway since \d\d:\d\d:\d\d/).waitFor();
  assert.ok(await page.getByText("answered by upstream").isVisible());
  await shot(page, "gone");
  const again = await mock({ port: Number(new URL(served.base).port) });
  again.world.sessions = served.world.sessions;
  await page.getByText(/Nothing heard from the gateway/).waitFor({ state: "detached" });
  await context.close();
});

test("to the real upstream goes nothing before it is allowed, and a write asks once more", { skip: isReal }, async () => {
  const served = await mock({ sandbox: false });
  const { page, context, faults } = await at(served, "playground");
  const sends = [];
  page.on("request", (request) => request.url().endsWith("/api/send") && sends.push(JSON.parse(request.postData())));
  await page.getByText("Or send it to the real upstream").click();
  await page.getByRole("button", { name: "Allow sending to the real upstream" }).click();
  await page.getByRole("button", { name: /^Send to https:/ }).click();
  const question = page.getByRole("dialog", { name: "Send it to the real upstream?" });
  await question.waitFor();
  await shot(page, "playground-sure");
  await question.getByRole("button", { name: "Do not send it" }).click();
  await question.waitFor({ state: "hidden" });
  assert.deepEqual(sends.map(({ to, sure }) => [to, sure]), [["upstream", false]]);
  await page.getByRole("button", { name: /^Send to https:/ }).click();
  await question.getByRole("button", { name: "Send it", exact: true }).click();
  await page.getByText("What came back from upstream?").waitFor();
  assert.deepEqual(sends.map(({ sure }) => sure), [false, false, true]);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a page that cannot show what it got says so, and the others go on", { skip: isReal }, async () => {
  const served = await mock();
  const { page, context } = await enter(chromium, served);
  await page.route("**/console/api/clients", (route) => route.fulfill({ json: { clients: [{ client: "odd/one" }] } }));
  await page.goto(`${served.base}/console/migration`);
  await page.getByRole("heading", { name: "This page failed" }).waitFor();
  await page.locator('nav a[href="/console/now"]').click();
  await page.getByText("answered by upstream").waitFor();
  await context.close();
});

test("who may only look is told so, and who may do more", { skip: isReal }, async () => {
  const served = await mock({ role: "view", sandbox: false });
  const { page, context, faults } = await at(served, "migration");
  await page.locator(".clients a").first().click();
  await page.getByText("You may look, and not change anything.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Decide it" }).count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("what a program calls itself is text, however it is written", { skip: isReal }, async () => {
  const served = await mock({ pace: 20 });
  const { page, context, faults } = await at(served, "traffic");
  await page.locator(".line", { hasText: "<img src=x" }).first().waitFor();
  await page.goto(`${served.base}/console/migration`);
  await page.locator(".clients a", { hasText: "<img src=x" }).click();
  await page.getByRole("heading", { level: 1, name: /<img src=x/ }).waitFor();
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});
