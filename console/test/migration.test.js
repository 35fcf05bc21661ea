// Migration: one program, what it has to write instead, and a decision with its way back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADD, axe, call, chromium, enter, served, settled, shot, together } from "./support.js";

together();

async function one() {
  const entered = await enter(chromium, served);
  await call(entered.page, ADD);
  await entered.page.goto(`${served.base}/console/migration`);
  await entered.page.locator(".clients a", { hasText: "/PHP" }).first().click();
  await entered.page.getByRole("heading", { level: 1, name: /^What does .* still need\?$/ }).waitFor();
  await settled(entered.page);
  return entered;
}

test("a program has its four facts, its shapes, the JSON and the code", async () => {
  const { page, context, faults } = await one();
  assert.equal(await page.locator(".facts > li").count(), 4);
  await page.getByLabel("JSON of useradd").waitFor();
  await page.waitForFunction(() => (document.querySelector(".code")?.textContent.length ?? 0) > 40);
  await page.reload();
  await page.getByLabel("JSON of useradd").waitFor();
  assert.deepEqual(await axe(chromium, served, context, page), []);
  await shot(page, "migration-one");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a decision needs a reason, is shown with it, and is undone", async () => {
  const { page, context, faults } = await one();
  assert.ok(await page.getByRole("button", { name: "Decide it" }).isDisabled());
  await page.getByLabel("Because").fill("its owner has moved it");
  await page.getByRole("button", { name: "Decide it" }).click();
  const force = page.getByRole("button", { name: "Decide it all the same" });
  const undo = page.getByRole("button", { name: "Undo it" });
  await force.or(undo).waitFor();
  if (await force.isVisible()) await force.click();
  await undo.waitFor();
  assert.match(await page.locator("main").textContent(), /done, decided .*its owner has moved it/);
  await undo.click();
  await page.getByLabel("Because").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
