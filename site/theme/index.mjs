// VitePress's own theme with the fonts of the system: nothing to download before the text shows.

import theme from "vitepress/theme-without-fonts";
import { h } from "vue";
import "./site.css";

/** The console page, which is outside of the site: VitePress's own links stay below its base. */
const ConsoleLink = () => h("a", { class: "console-link", href: "/", target: "_self" }, "Console");

export default {
  extends: theme,
  enhanceApp({ app }) {
    app.component("ConsoleLink", ConsoleLink);
  },
};
