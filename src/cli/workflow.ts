// What the commands share that do a whole job in several steps.

import type { Step, WorkflowOptions } from "../workflows/index.js";
import type { Session } from "./session.js";
import { plain } from "./terminal.js";

/** Shows each step, and keeps the job that runs as the one that a `wait` could follow. */
export function workflowOptions(session: Session): WorkflowOptions {
  const onStep = (step: Step) => {
    if (step.job !== undefined && step.job.id === session.handle?.id) session.handle = undefined;
    for (const line of linesOf(step)) session.progress.step(line);
  };
  return { ...session.limit(), onStep, onProgress: session.onProgress };
}

const COLUMN = 9;

/** `made     host esx-1.example.com`, and below it what differs. */
function linesOf({ name, target, done, differs = [] }: Step): string[] {
  const indent = " ".repeat(COLUMN);
  return [
    `${done.padEnd(COLUMN)}${plain(`${name} ${target}`)}`,
    ...differs.map((text) => `${indent}${plain(text)}`),
  ];
}
