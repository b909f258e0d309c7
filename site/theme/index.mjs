// VitePress's theme with system fonts, so that the text shows without a font download.

import theme from "vitepress/theme-without-fonts";
import { h } from "vue";
import "./site.css";

/** A link to the console page, which is outside the site. VitePress's own links cannot leave its base. */
const ConsoleLink = () => h("a", { class: "console-link", href: "/", target: "_self" }, "Console");

export default {
  extends: theme,
  enhanceApp({ app }) {
    app.component("ConsoleLink", ConsoleLink);
  },
};
