// Takes the pictures of docs/console.md: of the gateway of CONSOLE_LINK, which should have served something, or of the mock.
//   node console/dev/pictures.js

import { fileURLToPath } from "node:url";
import { browser, enter, gateway, settled } from "../test/support.js";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));

const chromium = await browser();
const served = await gateway({ pace: 200 });
const { page } = await enter(chromium, served, { viewport: { width: 1200, height: 900 } });
for (const name of ["playground", "now"]) {
  await page.goto(`${served.base}/console/${name}`);
  await settled(page);
  await page.waitForLoadState("networkidle", { timeout: 2000 }).catch(() => undefined);
  await page.screenshot({ path: `${DOCS}${name}.png` });
}
await chromium.close();
await served.end();
