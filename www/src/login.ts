// The login page. A script creates the form: without script, the browser could submit the password in the address.

import { AuthError } from "ontap-select-deploy";
import { announce } from "./announce.js";
import { button, el } from "./dom.js";
import { type Explanation, explainLogin } from "./explain.js";
import { input } from "./fields.js";
import { logo } from "./icons.js";
import { onSubmit } from "./once.js";
import { completeAddress, logIn, ownAddress, type Session } from "./session.js";
import type { Account } from "./switchboard.js";

/**
 * Shows the login form; `enter` is called once, with the session. `farewell` is the message of the last log-out.
 * `fillIn` fills in an account, `showBelow` adds an element below the form.
 */
export function showLogin(
  page: HTMLElement,
  farewell: string | undefined,
  enter: (session: Session) => void | Promise<void>,
): { fillIn(account: Account): void; showBelow(element: HTMLElement): void } {
  const address = input(
    "Deploy address",
    { type: "text", inputmode: "url", required: true, spellcheck: "false", value: ownAddress },
    "This page’s server, or the https:// address of another Deploy.",
  );
  const username = input("User name", {
    type: "text",
    autocomplete: "username",
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
  });
  const password = input("Password", {
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const trouble = el("div", { role: "alert" });
  const submit = el("button", { type: "submit", class: "button button--main button--wide" }, "Log in");
  const cancel = button("Cancel", "button button--wide", () => {
    rearm();
    attempt?.abort();
  });
  cancel.hidden = true;
  const form = el(
    "form",
    { class: "login__form" },
    address.block,
    username.block,
    password.block,
    trouble,
    el("div", { class: "login__buttons" }, submit, cancel),
  );
  let attempt: AbortController | undefined;

  const rearm = onSubmit(form, async () => {
    attempt = new AbortController();
    const { signal } = attempt;
    busy(true);
    const typed = {
      address: address.control.value.trim(),
      username: username.control.value,
      password: password.control.value,
    };
    try {
      const session = await logIn(typed, signal);
      password.control.value = "";
      // The login has succeeded: the form stays busy until the workspace is there, but cannot be cancelled.
      cancel.hidden = true;
      await enter(session);
    } catch (error) {
      if (signal.aborted) submit.focus();
      else refuse(error, completeAddress(typed.address));
    } finally {
      attempt = undefined;
      busy(false);
    }
  });

  const loginPage = el(
    "main",
    { class: "login" },
    el(
      "div",
      { class: "login__head" },
      logo(),
      el("h1", { class: "login__title" }, "Deploy console"),
      el("p", { class: "login__lead" }, "Start ONTAP Select jobs and follow them to the end."),
    ),
    farewell ? el("p", { class: "login__farewell" }, farewell) : undefined,
    form,
  );
  page.replaceChildren(loginPage);
  username.control.focus();
  if (farewell) announce(farewell);
  return {
    fillIn(account) {
      username.control.value = account.username;
      password.control.value = account.password;
      submit.focus();
    },
    showBelow: (element) => loginPage.append(element),
  };

  function busy(on: boolean): void {
    submit.textContent = on ? "Logging in…" : "Log in";
    submit.setAttribute("aria-disabled", String(on));
    cancel.hidden = !on;
    form.setAttribute("aria-busy", String(on));
    if (on) trouble.replaceChildren();
  }

  function refuse(error: unknown, where: string): void {
    trouble.replaceChildren(errorBox(explainLogin(error, where)));
    if (error instanceof AuthError) {
      password.control.value = "";
      password.control.focus();
    } else {
      address.control.focus();
    }
  }
}

function errorBox({ code, title, reason, meaning, advice }: Explanation): HTMLElement {
  return el(
    "div",
    { class: "trouble" },
    el("p", { class: "trouble__title" }, title),
    reason ? el("p", { class: "quote" }, reason) : undefined,
    el("p", {}, `${meaning} ${advice}`),
    code ? el("p", { class: "trouble__facts" }, code) : undefined,
  );
}
