// The plan of `cluster create`: read from its file, filled with passwords, and checked whole.

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
  const mistakes = [...ofPasswords, ...ofPlan];
  // The others say it in words of the field.
  const unsaid = ofShape.filter(({ place }) => !mistakes.some((one) => place.startsWith(one.place)));
  mistakes.push(...unsaid);
  if (mistakes.length > 0) throw mistaken(file, mistakes);
  return plan as ClusterPlan;
}

/** What is wrong with a plan, each mistake on a line of its own. */
export function mistaken(file: string, mistakes: readonly Mistake[], advice = ""): MistakesError {
  const count = mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`;
  const lines = mistakes.map(({ place, problem }) => `\n  ${place} ${problem}`).join("");
  return new MistakesError(`${file} has ${count}:${lines}${advice && `\n${advice}`}`);
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
    // The parser's own message quotes the text, which may hold passwords.
    const [, at] = /at position (\d+)/.exec((error as Error).message) ?? [];
    throw new UsageError(
      `cluster create: ${file} is no JSON${at === undefined ? "" : lineAt(written, Number(at))}`,
    );
  }
}

function lineAt(text: string, position: number): string {
  const lines = text.slice(0, position).split("\n");
  return `: line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}
