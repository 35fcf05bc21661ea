// The playground: from an old call to the JSON, the answer, and the code.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, chromium, enter, isReal, served, settled, shot, together } from "./support.js";

together();

async function playground() {
  const entered = await enter(chromium, served);
  await entered.page.goto(`${served.base}/console/playground`);
  await settled(entered.page);
  return entered;
}

const json = (page) => page.getByLabel("The JSON, with the reason of each member");

test("a link that logs in to a sandbox leads to the playground, with a filled example", async () => {
  const { page, context, faults } = await enter(chromium, served);
  await json(page).waitFor();
  assert.equal(new URL(page.url()).pathname, "/console/playground");
  assert.match(await page.locator("#call").inputValue(), /op=useradd/);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the JSON follows what is typed, with the reason of each member", async () => {
  const { page, context, faults } = await playground();
  await page.locator("#call").fill("op=groupadd&token=sandbox&name=Team&flag=0x20&sig=none");
  const flags = json(page).getByRole("listitem").filter({ hasText: '"flags": 32' });
  await flags.waitFor();
  assert.match(await flags.textContent(), /from flag .*bit field/);
  assert.match(await page.locator("main").textContent(), /Droppedsig /);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a curl line is read as the call that it makes", async () => {
  const { page, context, faults } = await playground();
  await page.locator("#call").fill(`curl -s 'https://api.mesibo.com/api.php?op=groupadd&token=sandbox&name=From+a+curl'`);
  await json(page).getByText('"From a curl"').waitFor();
  assert.equal(await page.locator("#operation").inputValue(), "groupadd");
  assert.equal(await page.locator("#param-name").inputValue(), "From a curl");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a line of PHP is tried as far as it says, with examples for the rest", { skip: !isReal }, async () => {
  const { page, context, faults } = await playground();
  await page.locator("#call").fill(`$r = file_get_contents("https://api.mesibo.com/api.php?op=useradd&token=$token&addr=" . urlencode($a) . "&appid=com.x");`);
  await json(page).getByText('"com.x"').waitFor();
  assert.match(await page.locator("main").textContent(), /only when it runs.*addr/);
  assert.equal(await page.locator("#param-appid").inputValue(), "com.x");
  await page.getByRole("button", { name: "Send to the sandbox" }).click();
  await page.getByLabel("As the old program gets it").getByText('"uid"').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("JSON is taken as it is, and what is wrong in it is told", { skip: !isReal }, async () => {
  const { page, context, faults } = await playground();
  await page.locator("#call").fill(`{"op":"useradd","token":"sandbox","user":{"address":"ana","flags":"3","token":{"appid":"x"}}}`);
  await page.getByText("JSON already").waitFor();
  assert.match(await page.locator("main").textContent(), /user\.flags a text, where a whole number belongs/);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the form writes the call, and every parameter has its sentence", async () => {
  const { page, context, faults } = await playground();
  await page.locator("#operation").selectOption("useradd");
  await page.locator("#param-addr").fill("b o@example.com");
  await json(page).getByText('"b o@example.com"').waitFor();
  assert.match(await page.locator("#call").inputValue(), /addr=b\+o%40example.com/);
  const silent = await page.locator(".param").evaluateAll((all) => all.filter((one) => !one.querySelector("small[id]")?.textContent).length);
  assert.equal(silent, 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("every operation has a form with a filled example that is not refused", async () => {
  const { page, context, faults } = await playground();
  const names = await page.locator("#operation option").evaluateAll((all) => all.map(({ value }) => value));
  assert.ok(names.length >= 4);
  for (const name of names) {
    await page.locator("#operation").selectOption(name);
    await page.getByText(new RegExp(`^${name}: `)).waitFor();
    await json(page).waitFor();
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test("what would be refused says why, and what holds no call says what would", async () => {
  const { page, context, faults } = await playground();
  await page.locator("#call").fill("op=groupgetmembers&token=sandbox&gid=team");
  await page.getByText("BADPARAM").waitFor();
  assert.match(await page.locator(".refusal").textContent(), /gid.*not a number/);
  await page.locator("#call").fill("good morning");
  await page.locator("p.fault").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("a click sends it to the sandbox: both dialects, and what changed", async () => {
  const { page, context, faults } = await playground();
  await page.locator("#call").fill(`op=useradd&token=sandbox&addr=new-${Date.now()}&appid=com.example.app`);
  await page.getByText(/^useradd: /).waitFor();
  await page.getByRole("button", { name: "Send to the sandbox" }).click();
  await page.getByLabel("As the old program gets it").getByText('"uid"').waitFor();
  await page.getByLabel("As JSON").waitFor();
  assert.match(await page.locator(".answers").textContent(), /What changed in the sandboxuser .* was added/);
  assert.match(await page.locator(".answers").textContent(), /Point your program here/);
  assert.deepEqual(await axe(chromium, served, context, page), []);
  await shot(page, "playground-sent");
  assert.deepEqual(faults, []);
  await context.close();
});

test("the code comes in every language, and can be copied", async () => {
  const { page, context, faults } = await playground();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const names = await page.locator("#code-language option").evaluateAll((all) => all.map(({ value }) => value));
  assert.ok(names.length >= 3);
  const seen = new Set();
  for (const name of names) {
    const answered = page.waitForResponse((response) => response.url().endsWith("/api/explain"));
    await page.locator("#code-language").selectOption(name);
    if (seen.size > 0) await answered;
    await page.waitForFunction((seen) => !seen.includes(document.querySelector(".code").textContent), [...seen]);
    seen.add(await page.locator(".code").textContent());
  }
  assert.equal(seen.size, names.length);
  await page.getByRole("button", { name: "copy code" }).click();
  await page.getByRole("button", { name: "copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), [...seen].at(-1));
  assert.deepEqual(faults, []);
  await context.close();
});

test("the link to a call holds the call, and never a token", async () => {
  const { page, context, faults } = await playground();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator("#call").fill("op=groupadd&token=sandbox-very-secret-token&name=Shared");
  await json(page).getByText('"Shared"').waitFor();
  await page.getByRole("button", { name: "copy link to this call" }).click();
  await page.getByRole("button", { name: "copied" }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(!link.includes("secret"), link);
  await page.goto("about:blank");
  await page.goto(link);
  await json(page).getByText('"Shared"').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("a token that was typed is nowhere but in the page's memory", async () => {
  const { page, context, faults } = await playground();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.locator("#call").fill("op=groupadd&token=sandbox-very-secret-token&name=Kept");
  await json(page).getByText('"Kept"').waitFor();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, location.href, document.cookie, document.title]));
  assert.ok(!`${kept}${asked}`.includes("secret"), `${kept}${asked}`);
  assert.ok(!(await json(page).textContent()).includes("secret"));
  await page.reload();
  await settled(page);
  assert.ok(!(await page.locator("#call").inputValue()).includes("secret"));
  assert.deepEqual(faults, []);
  await context.close();
});
