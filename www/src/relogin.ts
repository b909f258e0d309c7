// Logging in again without leaving the jobs: asks only for the password.

import { AuthError } from "ontap-select-deploy";
import type { CredentialStore } from "./credential-store.js";
import { el, setText } from "./dom.js";
import { explainLogin } from "./explain.js";
import { input } from "./fields.js";
import { onSubmit } from "./once.js";
import { checkCredentials } from "./session.js";

/** A form that shows while Deploy rejects the password. `onRenewed` is called when Deploy accepts the new one. */
export function relogin(
  credentials: CredentialStore,
  address: string,
  onRenewed: () => void,
): { element: HTMLElement; update(): void } {
  const password = input(`Password for ${credentials.username}`, {
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const trouble = el("p", { class: "relogin__trouble", role: "alert" });
  const submit = el("button", { type: "submit", class: "button button--main" }, "Log in again");
  // Tells a password manager which user the password belongs to.
  const owner = el("input", {
    type: "text",
    autocomplete: "username",
    value: credentials.username,
    hidden: true,
  });
  const form = el("form", { class: "relogin__form" }, owner, password.block, submit);
  const element = el(
    "section",
    { class: "panel relogin", "aria-labelledby": "relogin-title", hidden: true },
    el("h2", { class: "panel__title", id: "relogin-title" }, "Log in again"),
    el("p", {}, "Enter the current password. The console then follows the jobs again."),
    form,
    trouble,
  );

  onSubmit(form, async () => {
    submit.setAttribute("aria-disabled", "true");
    setText(trouble, "");
    const typed = password.control.value;
    try {
      await checkCredentials(
        { address, username: credentials.username, password: typed },
        new AbortController().signal,
      );
      credentials.renew(typed);
      password.control.value = "";
      onRenewed();
    } catch (error) {
      const { title, advice } = explainLogin(error, address);
      const wrong = error instanceof AuthError && error.status === 401;
      setText(trouble, wrong ? "Deploy rejected this password, too. Enter it again." : `${title}. ${advice}`);
      password.control.select();
    } finally {
      submit.setAttribute("aria-disabled", "false");
    }
  });

  return {
    element,
    update() {
      element.hidden = !credentials.lost;
    },
  };
}
