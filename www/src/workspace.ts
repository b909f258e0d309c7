// The console after the login: the account, the forms and the jobs.

import { button, el } from "./dom.js";
import { Faults } from "./faults.js";
import { glossary } from "./glossary.js";
import type { Guide } from "./guide.js";
import { HealthLine } from "./health-line.js";
import { logo } from "./icons.js";
import { Jobs } from "./jobs.js";
import { relogin } from "./relogin.js";
import type { Session } from "./session.js";
import { startPanel } from "./start.js";
import type { State } from "./switchboard.js";
import { Traffic } from "./traffic.js";
import type { Action } from "./watch.js";

/** The extras for a simulated Deploy. */
export interface Simulated {
  readonly state: State;
  readonly guide: Guide;
}

/** Shows the console for a session; `leave` is called after log-out, with a message about open jobs. */
export function showWorkspace(
  page: HTMLElement,
  session: Session,
  simulated: Simulated | undefined,
  leave: (farewell: string) => void,
): void {
  const { client, credentials, health, address } = session;
  const traffic = new Traffic(client);
  const line = new HealthLine(health, credentials);
  const again = relogin(credentials, address, () => {
    jobs.followLocked();
    line.element.focus();
  });
  const faults = simulated && new Faults(simulated.state, () => simulated.guide.reached("fault"));
  const update = () => {
    line.update();
    again.update();
    simulated?.guide.see(jobs.openCount > 0);
    if (!document.hidden) traffic.update();
  };
  // The guide's fault step needs a running deploy. Its other steps wait until their action has succeeded.
  const reached = ({ kind }: Action) => kind && simulated?.guide.reached(kind);
  const jobs = new Jobs(session, update, (action) => action.kind === "deploy" && reached(action), reached);
  credentials.onChange = () => {
    if (credentials.lost) jobs.lock();
    update();
  };
  const title = el("h1", { class: "bar__title", tabindex: -1 }, "Deploy console");
  const logOut = button("Log out", "button button--small", () => {
    const left = jobs.openCount;
    jobs.close();
    faults?.close();
    client.close();
    leave(
      left === 0
        ? "Logged out."
        : `Logged out. ${left === 1 ? "1 job continues" : `${left} jobs continue`} in Deploy.`,
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
        el("span", { class: "bar__user" }, credentials.username),
        el("span", { class: "bar__at" }, " at "),
        el("span", { class: "bar__address" }, address),
      ),
      simulated?.state.docs && el("a", { class: "bar__docs", href: simulated.state.docs }, "Documentation"),
      logOut,
    ),
    el(
      "main",
      { class: "console" },
      el("div", { class: "console__line" }, line.element),
      again.element,
      el(
        "div",
        { class: "workspace" },
        el(
          "div",
          { class: "workspace__side" },
          startPanel(
            client,
            (action, limit) => jobs.start(action, limit),
            simulated !== undefined,
            () => simulated?.guide.reached("host"),
          ),
        ),
        el("div", { class: "workspace__jobs" }, jobs.element),
        el("div", { class: "workspace__foot" }, faults?.element, traffic.element, glossary()),
      ),
    ),
  );
  title.focus();
  simulated?.guide.reached("in");
  jobs.followKept();
}
