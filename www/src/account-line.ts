// The simulator's account on the login page, shown while the guide is hidden.

import { button, el, setText } from "./dom.js";
import type { Guide } from "./guide.js";
import type { Account } from "./switchboard.js";

/** Call `know` when the account has changed. */
export function accountLine(
  first: Account,
  guide: Guide,
  fillIn: (account: Account) => void,
): { element: HTMLElement; know(account: Account): void } {
  let account = first;
  const text = el("p", {});
  const element = el(
    "section",
    { class: "login__account", "aria-label": "Simulator account" },
    text,
    el(
      "div",
      { class: "login__account-buttons" },
      button("Fill in", "button button--small", () => fillIn(account)),
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
    setText(text, `This Deploy is a simulator. Log in as “${username}” with the password “${password}”.`);
  }

  return {
    element,
    know(other) {
      account = other;
      show();
    },
  };
}
