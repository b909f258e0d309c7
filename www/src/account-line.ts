// The simulator's account on the log-in page, while no guide says it.

import { button, el, setText } from "./dom.js";
import type { Guide } from "./guide.js";
import type { Account } from "./switchboard.js";

/** Its line; `know` is for an account that has become another one. */
export function accountLine(
  first: Account,
  guide: Guide,
  fillIn: (account: Account) => void,
): { element: HTMLElement; know(account: Account): void } {
  let account = first;
  const text = el("p", {});
  const element = el(
    "section",
    { class: "login__account", "aria-label": "Account of the simulator" },
    text,
    el(
      "div",
      { class: "login__account-buttons" },
      button("Fill it in", "button button--small", () => fillIn(account)),
      button("Show the guide", "button button--small", () => {
        guide.restart();
        show();
      }),
    ),
  );
  guide.onOver = show;
  show();

  function show(): void {
    const { username, password } = account;
    element.hidden = !guide.isOver;
    setText(text, `This Deploy is a simulator. Its user is “${username}”, with the password “${password}”.`);
  }

  return {
    element,
    know(other) {
      account = other;
      show();
    },
  };
}
