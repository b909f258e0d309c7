// The field for a plan file, with the file's errors.

import { el, uniqueId } from "../dom.js";
import type { Mistake } from "./workflow.js";

export function planFile(onFile: (file: File) => void) {
  const chooser = el("input", {
    type: "file",
    accept: "application/json,.json",
    class: "drop__file",
    id: uniqueId("file"),
  });
  const told = el("div", { class: "drop__told", role: "status" });
  chooser.addEventListener("change", () => {
    const [chosen] = chooser.files ?? [];
    if (chosen) onFile(chosen);
    // So that the user can choose the same file again after correcting it.
    chooser.value = "";
  });
  const element = el(
    "div",
    { class: "drop" },
    el(
      "p",
      { class: "drop__text" },
      "Drop a plan here (a JSON file such as examples/cluster.json), or ",
      el("label", { class: "drop__label", for: chooser.id }, "choose a file"),
      chooser,
    ),
    told,
  );
  return {
    element,
    show(name: string, faults: readonly Mistake[]): void {
      const list = faults.map(({ place, problem }) => el("li", {}, el("code", {}, place), ` ${problem}`));
      const text =
        faults.length === 0
          ? `Loaded ${name}. Enter any missing passwords.`
          : `Loaded ${name}. It has ${faults.length === 1 ? "1 error" : `${faults.length} errors`}:`;
      told.replaceChildren(
        el("p", {}, text),
        ...(list.length > 0 ? [el("ul", { class: "drop__faults" }, ...list)] : []),
      );
    },
    refuse(text: string): void {
      told.replaceChildren(el("p", { class: "drop__refusal" }, text));
    },
    clear: () => told.replaceChildren(),
  };
}
