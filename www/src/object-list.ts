// A list to choose one of Deploy's objects from.

import type { DeployClient } from "ontap-select-deploy";
import { button, el, setText } from "./dom.js";
import { inShort } from "./explain.js";
import { type Field, select, setOptions } from "./fields.js";
import { listObjects } from "./objects.js";

interface ObjectList extends Field<HTMLSelectElement> {
  /** Reads the list from Deploy. What is chosen stays chosen. */
  load(): void;
  /** The name of what is chosen. */
  readonly name: string;
}

/**
 * @param path of the collection
 * @param many what its objects are called
 * @param none what is said where there is none
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
  const again = button(`Load ${many} again`, "button button--small", () => void load());
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
