// Traffic: lines as they come, and what hostile ones cannot do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADD, axe, call, chromium, enter, served, shot, together } from "./support.js";

together();

async function traffic() {
  const entered = await enter(chromium, served);
  await entered.page.goto(`${served.base}/console/traffic`);
  await entered.page.getByText(/^Live\./).waitFor();
  return entered;
}

test("a call makes a line, without a reload, and the line opens what became of it", async () => {
  const { page, context, faults } = await traffic();
  await call(page, ADD);
  const line = page.locator(".line").filter({ hasText: "useradd" }).first();
  await line.click();
  await page.getByText("What became of it").waitFor();
  assert.match(await page.locator(".opened").textContent(), /by the old door.*What to write instead/);
  await page.getByLabel("JSON of useradd").waitFor();
  assert.deepEqual(await axe(chromium, served, context, page), []);
  await shot(page, "traffic-opened");
  assert.deepEqual(faults, []);
  await context.close();
});

test("the filter stands in the address, and survives a reload", async () => {
  const { page, context, faults } = await traffic();
  await call(page, ADD);
  await call(page, "op=groupadd&token=sandbox&name=Team");
  await page.locator(".line").nth(1).waitFor();
  await page.locator("#find").fill("op=groupadd");
  await page.waitForFunction(() => [...document.querySelectorAll(".line")].every((line) => line.textContent.includes("groupadd")));
  assert.equal(await page.locator(".line").count(), 1);
  await page.reload();
  assert.equal(await page.locator("#find").inputValue(), "op=groupadd");
  assert.deepEqual(faults, []);
  await context.close();
});

test("while it is stopped nothing moves, and then all of it is there", async () => {
  const { page, context, faults } = await traffic();
  await call(page, ADD);
  await page.locator(".line").first().waitFor();
  await page.getByRole("button", { name: "pause" }).click();
  const before = await page.locator(".line").count();
  const other = await enter(chromium, served);
  await other.page.goto(`${served.base}/console/traffic`);
  await other.page.getByText(/^Live\./).waitFor();
  await call(page, ADD);
  await other.page.locator(".line").first().waitFor();
  assert.equal(await page.locator(".line").count(), before);
  await page.getByRole("button", { name: "go on" }).click();
  await page.waitForFunction((before) => document.querySelectorAll(".line").length > before, before);
  assert.deepEqual([...faults, ...other.faults], []);
  await context.close();
  await other.context.close();
});

test("markup in a User-Agent or in an operation stays text", async () => {
  const { page, context, faults } = await traffic();
  const evil = `<img src=x onerror=alert(1)>`;
  await call(page, `op=${encodeURIComponent(evil)}&token=sandbox`, `${evil}/1.0`);
  await page.locator(".line").first().click();
  assert.equal(await page.locator("main img, main script").count(), 0);
  await page.goto(`${served.base}/console/migration`);
  await page.locator("main h2").first().waitFor();
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});
