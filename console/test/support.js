// What all tests share: a browser, a gateway, and the guards that every page must pass.
//
// CONSOLE_LINK, the login link of a real gateway that was started with --sandbox, is used if it is set; else the mock is.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { after, before } from "node:test";
import { chromium as launcher } from "playwright-core";
import { start } from "../dev/mock.js";

export const isReal = Boolean(process.env.CONSOLE_LINK);

const SHOTS = fileURLToPath(new URL("../../target/console/", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** A gateway: the real one, or a mock with these options. */
export async function gateway(options) {
  if (!isReal) return start(options);
  const link = process.env.CONSOLE_LINK;
  return { link, base: new URL(link).origin, end: async () => {} };
}

export function browser() {
  return launcher.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/** The browser and the gateway of a file's tests, once `together` was called. */
export let chromium;
export let served;

/** Has all tests of a file share a browser and a gateway. */
export function together() {
  before(async () => {
    chromium = await browser();
    served = await gateway();
  });
  after(async () => {
    await chromium.close();
    await served.end();
  });
}

/** Everything that a page must not do, gathered while it is used. */
export function guard(page, base) {
  const faults = [];
  page.on("console", (message) => message.type() === "error" && !isExpected(message.text()) && faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:")) faults.push(`request to another host: ${url}`);
  });
  return faults;
}

/** Chromium writes a line for each answer of 4xx, and the tests ask for some on purpose. */
function isExpected(text) {
  return /^Failed to load resource: the server responded with a status of (401|403|404|409|422|503)/.test(text);
}

/** A page that is logged in, with its guards; `faults` is to be empty at the end. */
export async function enter(browser, { link, base }, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...options });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  const page = await context.newPage();
  const faults = guard(page, base);
  await page.goto(link);
  await page.locator("nav a[aria-current]").waitFor();
  return { page, context, faults };
}

/** What axe finds on a page, in a context of its own: its script is not allowed where the policy holds. */
export async function axe(browser, { base }, context, page) {
  const options = page.viewportSize();
  const scheme = await page.evaluate(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  const lax = await browser.newContext({ bypassCSP: true, viewport: options, colorScheme: scheme, storageState: await context.storageState() });
  const twin = await lax.newPage();
  await twin.goto(page.url());
  await settled(twin);
  await twin.evaluate(AXE);
  const { violations } = await twin.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  await lax.close();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`);
}

/** Waits until a page has what it asked for. */
export async function settled(page) {
  await page.locator("main h1").waitFor();
  await page.waitForFunction(() => document.querySelector("main .skeleton") === null);
  await page.waitForFunction(() => !document.querySelector("main")?.textContent.includes("Reading it."));
}

export async function shot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: true });
}

/** An old program's call, as it would come from elsewhere on this host. */
export async function call(page, query, agent = "PHP/8.1") {
  const { api } = await page.evaluate(() => fetch("/console/api/state").then((said) => said.json()));
  const response = await fetch(`${api}?${query}`, { headers: { "User-Agent": agent } });
  return response.text();
}

export const ADD = "op=useradd&token=sandbox&addr=ana&appid=com.example.app";
