// Shared by the commands that run a whole workflow.

import type { Step, WorkflowOptions } from "../workflows/index.js";
import type { Session } from "./session.js";
import { plain } from "./terminal.js";

/** Shows each step, and stores the running job so that an error can name its token. */
export function workflowOptions(
  session: Session,
  lines: (step: Step) => string[] = linesOf,
): WorkflowOptions {
  const onStep = (step: Step) => {
    if (step.job !== undefined && step.job.id === session.handle?.id) session.handle = undefined;
    for (const line of lines(step)) session.progress.step(line);
  };
  return { ...session.limit(), onStep, onProgress: session.onProgress };
}

const COLUMN = 9;

/** `made     host esx-1.example.com`, and the differences on the lines below. */
export function linesOf({ name, target, done, differs = [] }: Step): string[] {
  const indent = " ".repeat(COLUMN);
  return [
    `${done.padEnd(COLUMN)}${plain(`${name} ${target}`)}`,
    ...differs.map((text) => `${indent}${plain(text)}`),
  ];
}
