// Draws a terminal's screen as an SVG from the output of a program.

const COLUMNS = 104;
const CHARACTER = 7.85;
const LINE = 19;
const MARGIN = 16;
const BAR = 30;

/**
 * The lines that stay on the screen. It understands a line that is redrawn and erased, as the command writes it.
 * @param {string} output
 */
export function screenOf(output) {
  const lines = output.split("\n").map((line) => line.replace(/\r$/, "").split("\r").reduce(drawn, ""));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences start with one.
  const plain = lines.map((line) => line.replaceAll(/\x1b\[[\d;?]*[A-Za-z]/g, "").trimEnd());
  while (plain.at(-1) === "") plain.pop();
  return plain;
}

/**
 * A line after the program has overwritten it from its first column.
 * @param {string} before
 * @param {string} written
 */
function drawn(before, written) {
  const [kept = "", after] = written.split("\x1b[K");
  return after === undefined ? written + before.slice(written.length) : kept + after;
}

/**
 * @param {string[]} lines
 */
export function terminalSvg(lines) {
  const rows = lines.flatMap((line) => wrapped(line).map((row) => ({ row, kind: kindOf(line) })));
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN);
  const height = BAR + rows.length * LINE + MARGIN;
  const texts = rows.map(({ row, kind }, at) => {
    const y = BAR + (at + 1) * LINE - 5;
    return row === ""
      ? ""
      : `<text x="${MARGIN}" y="${y}"${kind && ` class="${kind}"`}>${escaped(row)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>The command in a terminal</title>
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dce5; white-space: pre; }
.typed { fill: #fff; font-weight: 600; }
.failed { fill: #ff9d8f; }
.done { fill: #8fd6a2; }
</style>
<rect width="${width}" height="${height}" rx="9" fill="#171b26" stroke="#586079"/>
<circle cx="20" cy="16" r="5" fill="#586079"/><circle cx="38" cy="16" r="5" fill="#586079"/><circle cx="56" cy="16" r="5" fill="#586079"/>
${texts.filter(Boolean).join("\n")}
</svg>
`;
}

/** @param {string} line */
function kindOf(line) {
  if (line.startsWith("$ ")) return "typed";
  if (/^(error|failure|ontap-select-deploy)\b|exit code [1-9]/.test(line)) return "failed";
  if (/^(made|found|changed)\b/.test(line)) return "done";
  return "";
}

/** @param {string} line */
function wrapped(line) {
  const rows = [];
  for (let at = 0; at === 0 || at < line.length; at += COLUMNS) rows.push(line.slice(at, at + COLUMNS));
  return rows;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(" ", "\u00a0");
}
