// Who is let in, and how.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, chromium, enter, gateway, guard, served, settled, shot, together } from "./support.js";

together();

test("the token leaves the address, and the cookie is out of every script's reach", async () => {
  const { page, context, faults } = await enter(chromium, served);
  assert.ok(!page.url().includes("login="), page.url());
  assert.equal(await page.evaluate(() => document.cookie), "");
  const [cookie] = await context.cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, "Strict", "/console"]);
  assert.deepEqual(faults, []);
  await context.close();
});

test("who has no link is told how to get one, and may paste it", async () => {
  const context = await chromium.newContext();
  const page = await context.newPage();
  const faults = guard(page, served.base);
  await page.goto(`${served.base}/console/traffic`);
  await page.getByRole("heading", { name: "Who are you?" }).waitFor();
  assert.deepEqual(await axe(chromium, served, context, page), []);
  await shot(page, "login");
  await page.getByLabel("Link or token").fill(`${served.base}/console/#login=not-the-token-of-this-gateway`);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator("p.fault").waitFor();
  await page.getByLabel("Link or token").fill(served.link);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "What comes in?" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("who logs out is out, here and after a reload", async () => {
  const { page, context, faults } = await enter(chromium, served);
  await page.goto(`${served.base}/console/reference`);
  await settled(page);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Who are you?" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Who are you?" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
