// The admin console: what to show, one screen after the other.

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
  // Constructing a client compiles its WebAssembly and asks the network nothing: a page that may not
  // compile learns it here, and not after somebody has typed a password.
  new DeployClient({ baseUrl: "/api", allowInsecure: true }).close();
  login();
} catch (error) {
  showNotice(page, explainStart(error));
}

function login(farewell?: string): void {
  // Asked anew each time, since others may have switched something; the login page does not wait for it.
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
  // What the switches on the login page have come to.
  let known: State | undefined;
  // A fault that somebody left on meets whoever logs in: here it is seen, and can be ended.
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
