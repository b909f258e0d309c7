// The console on a phone, 360 px wide: the page cuts nothing off, and every target is large enough for a finger.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, useChromium } from "./chromium.mjs";
import { app, everyForm, fault, logIn, slow, start, tells } from "./console.mjs";

useChromium();

const width = 360;
const finger = 44;

/** The elements that are wider than the page, hide part of their text, or are too small to touch. */
function wrong(page) {
  return page.evaluate(
    ([most, least]) => {
      const found = [];
      const told = (element) => `${element.tagName}.${element.className} ${element.textContent.slice(0, 40)}`;
      if (document.documentElement.scrollWidth > most)
        found.push(`${document.documentElement.scrollWidth} px`);
      for (const element of document.querySelectorAll("body *:not(svg *)")) {
        if (!element.checkVisibility() || element.closest(".visually-hidden, thead, select")) continue;
        const { left, right } = element.getBoundingClientRect();
        if (left < -1 || right > most + 1) found.push(`out of the page: ${told(element)}`);
        const cuts = getComputedStyle(element).overflowX !== "visible";
        if (cuts && element.scrollWidth > element.clientWidth + 1 && element.tagName !== "INPUT")
          found.push(`cut off: ${told(element)}`);
      }
      for (const element of document.querySelectorAll("button, input, select, summary, a")) {
        if (!element.checkVisibility()) continue;
        // A switch and its label are one target.
        const parts = [element, ...(element.labels ?? [])].filter(
          (part) => !element.matches("[role=switch]") || part !== element,
        );
        const tallest = Math.max(...parts.map((part) => part.getBoundingClientRect().height));
        const widest = Math.max(...parts.map((part) => part.getBoundingClientRect().width));
        if (tallest < least || widest < least) found.push(`${widest} × ${tallest}: ${told(element)}`);
      }
      return found;
    },
    [width, finger],
  );
}

test("each view fits", async (t) => {
  const viewport = { width, height: 740 };
  const { page } = await open(
    t,
    app,
    { scripts: [slow], stepMs: 500 },
    { viewport, hasTouch: true, isMobile: true },
  );
  const fits = async (view) => assert.deepEqual(await wrong(page), [], view);
  await page.getByRole("complementary", { name: "First steps" }).waitFor();
  await fits("the login page");
  await logIn(page, "Netapp1!");
  await page.getByText("No jobs yet").waitFor();
  await fits("no jobs");
  await start(page, "Add host", { Host: `slow-${"x".repeat(80)}` });
  await page.getByRole("table").getByText("Running").waitFor();
  await fits("a job with a long name");
  await start(page, "Add host", { Host: `unreachable-${"x".repeat(80)}` });
  await page.getByRole("heading", { name: "The job failed" }).waitFor();
  await fits("a failed job");
  await fault(page, "Changed password");
  await start(page, "Add host", { Host: "esx-1" });
  await page.getByRole("heading", { name: "Log in again" }).waitFor();
  await fits("a changed password and the faults");
  await page.getByLabel("Password for admin").fill("Changed-1!");
  await page.getByRole("button", { name: "Log in again" }).click();
  await tells(page, /^Deploy (is responding|responded)/);
  await start(page, "Add 50 hosts", { "Name prefix": "esx" });
  await page.getByText(/for 5\d jobs/).waitFor();
  await fits("fifty jobs");
});

test("each form fits", async (t) => {
  const viewport = { width, height: 740 };
  const { page } = await open(t, app, { stepMs: 100 }, { viewport, hasTouch: true, isMobile: true });
  await logIn(page, "Netapp1!");
  await everyForm(page, async (view) => assert.deepEqual(await wrong(page), [], view));
});
