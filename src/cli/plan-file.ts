// Reads the plan of `cluster create`, fills in the passwords, and checks all of it.

import { type ClusterPlan, checkPlan, type Mistake } from "../workflows/index.js";
import { isObject, readText } from "./files.js";
import { fillPasswords, variableFor } from "./passwords.js";
import { faultsOfShape } from "./plan-shape.js";
import { MistakesError, UsageError } from "./usage.js";

export function readPlan(file: string): ClusterPlan {
  const plan = parsePlan(file);
  const ofShape = faultsOfShape(plan);
  const ofPasswords = isObject(plan) ? fillPasswords(plan, file) : [];
  const ofPlan = checkPlan(plan as ClusterPlan).map(({ place, problem }) => ({
    place,
    problem: `${problem}${hint(plan, place, problem)}`,
  }));
  const said = [...ofPasswords, ...ofPlan];
  // The schema repeats these mistakes with its own messages.
  const unsaid = ofShape.filter(({ place }) => !said.some((one) => isWithin(place, one.place)));
  if (said.length + unsaid.length > 0) throw mistaken(file, [...said, ...unsaid]);
  return plan as ClusterPlan;
}

/** An error with one line per mistake in a plan. */
export function mistaken(
  file: string,
  mistakes: readonly Mistake[],
  advice = "",
  hasChanged = false,
): MistakesError {
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  const lines = mistakes.map(({ place, problem }) => `\n  ${place} ${problem}`).join("");
  return new MistakesError(`${file} has ${count}:${lines}${advice && `\n${advice}`}`, hasChanged);
}

/** Whether a place is the same as another, or inside it. */
function isWithin(place: string, whole: string): boolean {
  return place === whole || place.startsWith(`${whole}.`) || place.startsWith(`${whole}[`);
}

function hint(plan: unknown, place: string, problem: string): string {
  const variable = problem === "is missing" && isObject(plan) ? variableFor(plan, place) : undefined;
  return variable ? ` (or set ${variable})` : "";
}

function parsePlan(file: string): unknown {
  const written = readText("cluster create", file);
  try {
    return JSON.parse(written);
  } catch (error) {
    // The parser's own message quotes the file, which may contain passwords.
    const [, at] = /at position (\d+)/.exec((error as Error).message) ?? [];
    throw new UsageError(
      `cluster create: ${file} is not valid JSON${at === undefined ? "" : lineAt(written, Number(at))}`,
    );
  }
}

function lineAt(text: string, position: number): string {
  const lines = text.slice(0, position).split("\n");
  return `: line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}
