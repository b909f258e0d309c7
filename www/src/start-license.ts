// The form that adds a license file or replaces it with a newer one.

import { type DeployClient, JobFailedError } from "ontap-select-deploy";
import { addLicense, type Start, workflowClient } from "./deployment/workflow.js";
import { el, setText } from "./dom.js";
import { inShort } from "./explain.js";
import { input, showFault } from "./fields.js";
import type { Begin, Kind } from "./kind.js";
import { onSubmit } from "./once.js";

export function addLicenseFile(client: DeployClient, begin: Begin): Kind {
  const file = input(
    "License file",
    { type: "file", required: true },
    "The file from the NetApp Support Site.",
  );
  const username = input("ONTAP user", { spellcheck: "false", autocapitalize: "none", value: "admin" });
  const password = input("ONTAP password", { type: "password", autocomplete: "off" });
  const needed = el(
    "p",
    { class: "field__hint" },
    "A cluster uses this license. To update it there, Deploy needs the ONTAP login.",
  );
  const login = el("div", { class: "start__form", hidden: true }, needed, username.block, password.block);
  const told = el("p", { class: "field__hint", role: "status" });
  const submit = el("button", { type: "submit", class: "button button--main button--wide" }, "Add license");
  const element = el("form", { class: "start__form" }, file.block, login, told, submit);

  file.control.addEventListener("change", () => {
    login.hidden = true;
    showFault(file, "");
    setText(told, "");
  });
  onSubmit(element, async () => {
    const [chosen] = file.control.files ?? [];
    if (!chosen) return;
    showFault(file, "");
    setText(told, "Adding the license…");
    const start: Start = (action) => begin(action, Number.POSITIVE_INFINITY);
    const subject = { cluster: "", doing: { name: "license" } };
    const ontap = { username: username.control.value.trim(), password: password.control.value };
    try {
      const tracked = workflowClient(client, start, subject);
      const { serialNumber } = await addLicense(tracked, chosen, login.hidden ? {} : { ontap });
      element.reset();
      login.hidden = true;
      setText(told, `License ${serialNumber} is added.`);
    } catch (error) {
      setText(told, "");
      const isLoginNeeded = error instanceof TypeError && error.message.startsWith("ontap");
      if (isLoginNeeded) {
        login.hidden = false;
        password.control.focus();
      } else if (!(error instanceof JobFailedError)) showFault(file, inShort(error));
    }
  });

  return { label: "Add license", element };
}
