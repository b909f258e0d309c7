// A select control that lists objects of Deploy.

import type { DeployClient } from "ontap-select-deploy";
import { button, el, setText } from "./dom.js";
import { inShort } from "./explain.js";
import { type Field, select, setOptions } from "./fields.js";
import { listObjects } from "./objects.js";

interface ObjectList extends Field<HTMLSelectElement> {
  /** Reads the list from Deploy and keeps the choice. */
  load(): void;
  /** The name of the chosen object. */
  readonly name: string;
}

/**
 * @param path of the collection
 * @param many the objects' name in the plural
 * @param none the message for an empty list
 */
export function objectList(
  client: DeployClient,
  label: string,
  path: string,
  many: string,
  none: string,
): ObjectList {
  const { control, block } = select(label, []);
  const problem = el("p", { class: "field__hint", role: "status" });
  const again = button(`Reload ${many}`, "button button--small", () => void load());
  control.required = true;
  block.append(problem, again);
  again.hidden = true;

  async function load(): Promise<void> {
    again.hidden = true;
    if (control.options.length === 0) setText(problem, `Loading ${many}…`);
    try {
      const objects = await listObjects(client, path);
      setOptions(
        control,
        objects.map(({ id, name }) => [id, name] as const),
      );
      setText(problem, objects.length === 0 ? none : "");
    } catch (error) {
      setText(problem, inShort(error));
      again.hidden = false;
    }
  }

  return {
    control,
    block,
    load: () => void load(),
    get name() {
      return control.selectedOptions[0]?.textContent ?? control.value;
    },
  };
}
