// Checks a plan against its JSON Schema. The build compiles the schema with Ajv, so that the package ships only the
// generated validator.

import type { Mistake } from "../workflows/index.js";
import validate, { type Fault } from "./plan-validator.js";

/** The mistakes that the schema finds, each with its place in the format of `checkPlan`. */
export function faultsOfShape(plan: unknown): Mistake[] {
  if (validate(plan)) return [];
  const faults = validate.errors ?? [];
  const choices = faults.filter(({ keyword }) => keyword === "anyOf").map(({ schemaPath }) => schemaPath);
  // One mistake for a whole `anyOf` is enough. An `if` only repeats other mistakes.
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
  return keyword === "anyOf" ? "has a value that is not allowed" : message;
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
