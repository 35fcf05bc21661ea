// The keyboard alone: every page and every action, and one always sees where one is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADD, call, chromium, enter, served, settled, together } from "./support.js";

together();

const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

/** Presses Tab until the focus is on what is wanted; each stop on the way must be seen and have a name. */
async function tabTo(page, wanted) {
  for (let steps = 0; steps < 120; steps += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(focused);
    if (!stop) continue;
    assert.ok(stop.isSeen, `the focus is not seen on ${stop.html}`);
    assert.ok(stop.name, `it has no name: ${stop.html}`);
    if (stop.name.includes(wanted)) return;
  }
  assert.fail(`Tab never came to ${wanted}`);
}

function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(" ");
  const name = element.getAttribute("aria-label") || labels || element.textContent.trim();
  return { isSeen: outlineStyle !== "none" && outlineWidth !== "0px", name, html: element.outerHTML.slice(0, 120) };
}

test("g and a letter lead to each page, and the heading has the focus", async () => {
  const { page, context, faults } = await enter(chromium, served);
  await settled(page);
  for (const [key, name] of [["n", "What is happening now?"], ["t", "What comes in?"], ["m", "Who still calls by the old door?"], ["r", "What holds here?"], ["p", "What does an old call become?"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await heading(page, name);
    await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test("? shows the keys, Escape closes them, and letters typed in a field stay letters", async () => {
  const { page, context, faults } = await enter(chromium, served);
  await settled(page);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
  await page.locator("#call").focus();
  await page.keyboard.type("gn?/");
  await heading(page, "What does an old call become?");
  assert.ok((await page.locator("#call").inputValue()).includes("gn?/"));
  assert.deepEqual(faults, []);
  await context.close();
});

test("/ searches everything, and Enter goes there", async () => {
  const { page, context, faults } = await enter(chromium, served);
  await settled(page);
  await page.keyboard.press("/");
  await page.keyboard.type("listen.address");
  await page.getByRole("option", { name: "listen.address setting" }).first().waitFor();
  await page.keyboard.press("Enter");
  await heading(page, "What holds here?");
  await page.locator("dt", { hasText: "listen.address" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("groupadd try");
  await page.getByRole("option", { name: "groupadd operation, try it" }).waitFor();
  await page.keyboard.press("Enter");
  await heading(page, "What does an old call become?");
  await page.waitForFunction(() => document.querySelector("#call").value.includes("op=groupadd"));
  assert.deepEqual(faults, []);
  await context.close();
});

test("a call is changed, sent, and its answer reached with Tab and Enter", async () => {
  const { page, context, faults } = await enter(chromium, served);
  await settled(page);
  await tabTo(page, "addr");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("keys");
  await page.getByLabel("The JSON, with the reason of each member").getByText('"keys"').waitFor();
  await page.locator("main h1").focus();
  await tabTo(page, "Send to the sandbox");
  await page.keyboard.press("Enter");
  await page.getByLabel("As JSON").waitFor();
  await tabTo(page, "See it arrive");
  await page.keyboard.press("Enter");
  await heading(page, "What comes in?");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a line of traffic opens and closes with Enter, and space stops the lines", async () => {
  const { page, context, faults } = await enter(chromium, served);
  await settled(page);
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.getByText(/^Live\./).waitFor();
  await call(page, ADD);
  await page.locator(".line").first().waitFor();
  await page.keyboard.press(" ");
  await page.getByText(/^Stopped\./).waitFor();
  await tabTo(page, "useradd");
  await page.keyboard.press("Enter");
  await page.getByText("What became of it").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("What became of it").waitFor({ state: "detached" });
  assert.deepEqual(faults, []);
  await context.close();
});

test("all that can be used on every page is reached by Tab, is seen and has a name", async () => {
  const { page, context, faults } = await enter(chromium, served);
  await call(page, ADD);
  for (const name of ["now", "traffic", "migration", "playground", "reference"]) {
    await page.goto(`${served.base}/console/${name}`);
    await settled(page);
    const last = await page.evaluate(() => {
      const all = [...document.querySelectorAll("main :is(a[href], button:not(:disabled), input, select, textarea, summary, [tabindex='0'])")];
      const seen = all.filter((one) => one.checkVisibility());
      seen.at(-1)?.setAttribute("data-last", "");
      return seen.length;
    });
    assert.ok(last > 0);
    await page.locator("main h1").focus();
    let isThere = false;
    for (let steps = 0; steps < 150 && !isThere; steps += 1) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(focused);
      assert.ok(stop?.isSeen && stop.name, `${name}: ${JSON.stringify(stop)}`);
      isThere = await page.evaluate(() => document.activeElement.hasAttribute("data-last") || !document.activeElement.closest("main"));
    }
    assert.ok(isThere, `${name}: Tab did not come to its end`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});
