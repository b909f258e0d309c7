// A plan compared with its JSON Schema. Ajv makes the comparison of the schema when the package is built: it is the
// validator that most of the field relies on, and little of it ships this way.

import type { Mistake } from "../workflows/index.js";
import validate, { type Fault } from "./plan-validator.js";

/** What the schema finds wrong, each with its place as `checkPlan` writes it. */
export function faultsOfShape(plan: unknown): Mistake[] {
  if (validate(plan)) return [];
  const faults = validate.errors ?? [];
  const choices = faults.filter(({ keyword }) => keyword === "anyOf").map(({ schemaPath }) => schemaPath);
  // Of a choice it is enough that nothing fits; and `if` only repeats what follows from it.
  const isSaid = ({ keyword, schemaPath }: Fault) =>
    keyword !== "if" && !choices.some((choice) => schemaPath.startsWith(`${choice}/`));
  const mistakes = new Map<string, Mistake>();
  for (const fault of faults.filter(isSaid)) {
    const place = placeOf(fault);
    if (!mistakes.has(place)) mistakes.set(place, { place, problem: problemOf(fault) });
  }
  return [...mistakes.values()];
}

function problemOf({ keyword, message = "is wrong" }: Fault): string {
  if (keyword === "required") return "is missing";
  return keyword === "anyOf" ? "is none of what it may be" : message;
}

/** `/nodes/0/ip` is `nodes[0].ip`. */
function placeOf({ instancePath, params: { missingProperty } }: Fault): string {
  const names = instancePath.split("/").slice(1);
  if (missingProperty !== undefined) names.push(missingProperty);
  return names.map(step).join("").replace(/^\./, "") || "plan";
}

function step(name: string): string {
  return /^\d+$/.test(name) ? `[${name}]` : `.${name.replaceAll("~1", "/").replaceAll("~0", "~")}`;
}
