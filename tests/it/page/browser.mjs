// A person at the page: opens it, watches a step, approves, opens evidence; and what a check of accessibility finds.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";

const { MODULES, BROWSER, PICTURES } = process.env;
const [part, address, write, read] = process.argv.slice(2);
const { chromium } = createRequire(`${MODULES}/x.js`)(`${MODULES}/playwright-core`);
const axe = readFileSync(`${MODULES}/axe-core/axe.min.js`, "utf8");

const browser = await chromium.launch({
  executablePath: BROWSER,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-gpu"],
});
const faults = [];
async function open(options = {}, token = write) {
  const context = await browser.newContext({ locale: "en-GB", bypassCSP: false, ...options });
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error" && !message.text().includes("ERR_")) faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => { if (!request.url().startsWith(`http://${address}/`) && !request.url().startsWith("data:")) faults.push(`asked ${request.url()}`); });
  await page.goto(`http://${address}/#${token}`);
  await page.waitForSelector("#list button");
  return page;
}
const state = (page, step, word) => page.waitForFunction(([step, word]) => document.querySelector(`#list [data-step="${step}"] .sub`)?.textContent.startsWith(word), [step, word], { timeout: 30000 });
let serious = 0;
async function check(page, what) {
  // Its own script is let past the policy of the page by the browser's own tools, not by the page.
  const found = await page.evaluate(`(() => { ${axe}; return axe.run(document, { resultTypes: ["violations"] }); })()`);
  for (const violation of found.violations) {
    if (violation.impact !== "serious" && violation.impact !== "critical") continue;
    serious += 1;
    console.log(what, violation.id, violation.help, violation.nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary}`).join(" | "));
  }
}
async function picture(page, name) {
  await page.waitForTimeout(200);
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px wider than the screen`);
}

try {
  if (part === "live") {
    const page = await open({ viewport: { width: 1280, height: 900 } });
    assert.equal(new URL(page.url()).hash, "", "the token stays in the address");
    await state(page, 0, "running");
    await page.waitForSelector(".chart path");
    await page.waitForTimeout(2500);
    await picture(page, "running-1280");
    await check(page, "running");
    // The connection is cut and comes back; nothing is lost and nothing is there twice.
    await page.context().setOffline(true);
    await page.waitForTimeout(600);
    await page.context().setOffline(false);
    await state(page, 0, "passed");
    await state(page, 1, "awaiting-approval");
    await page.waitForSelector("#asks form");
    assert.equal(await page.locator("#asks i").count(), 0, "a question of the plan became markup");
    await picture(page, "waiting-1280");
    await check(page, "waiting");
    const reader = await open({ viewport: { width: 800, height: 700 } }, read);
    assert.equal(await reader.locator("#asks form").count(), 0, "a reader may decide");
    await page.fill("#asks [name=by]", "Ada Lovelace");
    await page.fill("#asks [name=comment]", "everybody is here");
    await page.focus("#asks button[value=yes]");
    await page.keyboard.press("Enter");
    await state(page, 1, "passed");
    const seqs = await page.$$eval("#log li", (all) => all.map((li) => Number(li.dataset.seq)));
    assert.deepEqual(seqs, seqs.map((_, at) => at + 1), "records are missing or there twice");
  } else {
    const page = await open({ viewport: { width: 1280, height: 900 } });
    await state(page, 3, "failed");
    const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    const sizes = await page.evaluate(() => performance.getEntriesByType("resource").reduce((sum, e) => sum + (e.name.includes("/api/") ? 0 : e.transferSize), 0));
    console.log(`first paint ${Math.round(paint)} ms, ${sizes} bytes`);
    await picture(page, "ended-1280");
    await check(page, "ended");
    await page.click('#list [data-step="1"]');
    await page.click("#open_files");
    await page.waitForFunction(() => document.querySelector("#file_list button"));
    await page.getByRole("button", { name: /stdout\.txt/ }).click();
    await page.waitForFunction(() => document.querySelector("#file_text").textContent.includes("not bold"));
    assert.equal(await page.locator("#injected").count(), 0, "evidence became markup");
    await picture(page, "evidence-1280");
    await check(page, "evidence");
    await page.keyboard.press("Escape");
    await page.click("#language");
    await state(page, 3, "échouée");
    await picture(page, "french-1280");
    for (const [name, width, height, colorScheme] of [["phone-360", 360, 780, "light"], ["phone-360-dark", 360, 780, "dark"], ["desk-1280-dark", 1280, 900, "dark"], ["wall-3840", 3840, 2160, "light"], ["wall-3840-dark", 3840, 2160, "dark"]]) {
      const other = await open({ viewport: { width, height }, colorScheme });
      await state(other, 3, "failed");
      await picture(other, name);
      await check(other, name);
      await other.context().close();
    }
  }
  assert.deepEqual(faults, []);
  assert.equal(serious, 0);
  console.log(`serious ${serious}`);
} finally {
  await browser.close();
}
