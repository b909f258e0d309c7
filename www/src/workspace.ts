// The console behind the door: who is where, what to start, what is under way.

import { Chart } from "./chart.js";
import { button, el } from "./dom.js";
import { glossary } from "./glossary.js";
import { logo } from "./icons.js";
import { Jobs } from "./jobs.js";
import type { Session } from "./session.js";
import { startPanel } from "./start.js";
import { Traffic } from "./traffic.js";

/** Shows the console for a session; `leave` is called after log-out, with a word about what was left behind. */
export function showWorkspace(
  page: HTMLElement,
  { client, requests, address, username }: Session,
  leave: (farewell: string) => void,
): void {
  const traffic = new Traffic(client);
  const chart = new Chart(requests);
  const jobs = new Jobs(client, () => {
    if (document.hidden) return;
    traffic.update();
    chart.update();
  });
  const title = el("h1", { class: "bar__title", tabindex: -1 }, "Deploy console");
  const logOut = button("Log out", "button button--small", () => {
    const left = jobs.openCount;
    jobs.close();
    client.close();
    leave(
      left === 0
        ? "Logged out."
        : `Logged out. ${left === 1 ? "One job goes" : `${left} jobs go`} on in Deploy.`,
    );
  });

  page.replaceChildren(
    el(
      "header",
      { class: "bar" },
      logo(),
      title,
      el(
        "p",
        { class: "bar__who" },
        el("span", { class: "bar__user" }, username),
        el("span", { class: "bar__at" }, " at "),
        el("span", { class: "bar__address" }, address),
      ),
      logOut,
    ),
    el(
      "main",
      { class: "workspace" },
      el(
        "div",
        { class: "workspace__side" },
        startPanel(client, (order, limit) => jobs.start(order, limit)),
      ),
      jobs.element,
      el("div", { class: "workspace__foot" }, traffic.element, chart.element, glossary()),
    ),
  );
  title.focus();
  jobs.takeUpKept();
}
