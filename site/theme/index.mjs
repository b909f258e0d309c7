// VitePress's own theme with the fonts of the system: nothing to download before the text shows.

import theme from "vitepress/theme-without-fonts";
import "./site.css";

export default theme;
