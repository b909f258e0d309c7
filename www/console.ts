// The admin console: shows the login page, then the workspace.

import { DeployClient } from "ontap-select-deploy";
import { accountLine } from "./src/account-line.js";
import { byId } from "./src/dom.js";
import { explainStart } from "./src/explain.js";
import { Faults } from "./src/faults.js";
import { Guide } from "./src/guide.js";
import { showLogin } from "./src/login.js";
import { showNotice } from "./src/notice.js";
import { ownAddress } from "./src/session.js";
import { type Account, findSwitchboard, type State } from "./src/switchboard.js";
import { showWorkspace } from "./src/workspace.js";

const page = byId("page");

try {
  // Compiles the WebAssembly without a request, so that a page that blocks it fails before the user types a password.
  new DeployClient({ baseUrl: "/api", allowInsecure: true }).close();
  login();
} catch (error) {
  showNotice(page, explainStart(error));
}

function login(farewell?: string): void {
  // Read again for each login, because somebody else may have switched a fault. The login page does not wait for it.
  const found = findSwitchboard();
  const { fillIn, showBelow } = showLogin(page, farewell, async (session) => {
    (await leftOn)?.close();
    const state = session.address === ownAddress ? (known ?? (await found)) : undefined;
    const guide = (await guiding)?.guide;
    if (state && guide) showWorkspace(page, session, { state, guide }, login);
    else {
      guide?.hide();
      showWorkspace(page, session, undefined, login);
    }
  });
  // The state after the last switch on the login page.
  let known: State | undefined;
  // A fault that is still on could break the login, so the login page shows it and can switch it off.
  const leftOn = found.then((state) => {
    if (!state?.faults.some(({ on }) => on)) return undefined;
    const faults = new Faults(
      state,
      () => {},
      (now) => {
        known = now;
        guiding.then((known) => known?.know(now.account));
      },
    );
    showBelow(faults.element);
    return faults;
  });
  const guiding = found.then((state) => {
    if (!state) return undefined;
    const guide = new Guide(state.account);
    guide.fillIn = fillIn;
    byId("guide").replaceChildren(guide.element);
    const line = accountLine(state.account, guide, fillIn);
    showBelow(line.element);
    const know = (account: Account) => {
      guide.know(account);
      line.know(account);
    };
    return { guide, know };
  });
}
