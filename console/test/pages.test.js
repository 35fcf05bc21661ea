// Every page, narrow and wide, dark and light: it survives a reload, fits, and pleases axe and the policy.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADD, axe, call, chromium, enter, served, settled, shot, together } from "./support.js";

const PAGES = [
  ["now", "What is happening now?"],
  ["traffic", "What comes in?"],
  ["migration", "Who still calls by the old door?"],
  ["playground", "What does an old call become?"],
  ["reference", "What holds here?"],
];

together();

for (const width of [320, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    describe(`at ${width} pixels, ${colorScheme}`, () => {
      for (const [name, heading] of PAGES) {
        test(`${name} is whole`, async () => {
          const { page, context, faults } = await enter(chromium, served, { viewport: { width, height: 800 }, colorScheme });
          await call(page, ADD);
          await page.goto(`${served.base}/console/${name}`);
          await settled(page);
          assert.equal(await page.locator("main h1").textContent(), heading);
          await page.reload();
          await settled(page);
          assert.equal(await page.locator("main h1").textContent(), heading, "after a reload");
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(over <= 0, `it is ${over} pixels too wide`);
          assert.deepEqual(await axe(chromium, served, context, page), []);
          await shot(page, `${name}-${width}-${colorScheme}`);
          assert.deepEqual(faults, []);
          await context.close();
        });
      }
    });
  }
}

test("the five words at the top lead to the five pages, and back does too", async () => {
  const { page, context, faults } = await enter(chromium, served);
  for (const [name, heading] of PAGES) {
    await page.locator(`nav a[href="/console/${name}"]`).click();
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    assert.equal(new URL(page.url()).pathname, `/console/${name}`);
  }
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "What does an old call become?" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("a page is there from two files", async () => {
  const { page, context } = await enter(chromium, served);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${served.base}/console/reference`, { waitUntil: "commit" });
  await settled(page);
  const files = asked.filter((path) => !path.startsWith("/console/api/"));
  assert.deepEqual(files.sort(), ["/console/app.js", "/console/reference"]);
  await context.close();
});

test("the first answer alone is painted as it will look", async () => {
  const { page, context } = await enter(chromium, served);
  await page.route("**/app.js", () => undefined);
  await page.goto(`${served.base}/console/now`, { waitUntil: "commit" });
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length === 1);
  const looks = await page.evaluate(() => getComputedStyle(document.querySelector("header .top")).display);
  assert.equal(looks, "flex");
  await context.close();
});
