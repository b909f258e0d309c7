// The admin console: what to show, one screen after the other.

import { DeployClient } from "ontap-select-deploy";
import { byId } from "./src/dom.js";
import { explainStart } from "./src/explain.js";
import { showLogin } from "./src/login.js";
import { showNotice } from "./src/notice.js";
import { showWorkspace } from "./src/workspace.js";

const page = byId("page");

try {
  // Constructing a client compiles its WebAssembly and asks the network nothing: a page that may not
  // compile learns it here, and not after somebody has typed a password.
  new DeployClient({ baseUrl: "/api", allowInsecure: true }).close();
  login();
} catch (error) {
  showNotice(page, explainStart(error));
}

function login(farewell?: string): void {
  showLogin(page, farewell, (session) => showWorkspace(page, session, login));
}
