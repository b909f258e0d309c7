// Draws a plot as SVG. Vega-Lite needs no browser, and its input is data that another library could draw too.

import { parse, View } from "vega";
import { compile } from "vega-lite";

const config = {
  background: "white",
  font: "sans-serif",
  axis: { labelLimit: 420, grid: true, gridColor: "#e5e5e5", domainColor: "#999", tickColor: "#999" },
  view: { stroke: null },
};

/** @param {object} spec of Vega-Lite */
export async function draw(spec) {
  const view = new View(parse(compile({ ...spec, config }).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
