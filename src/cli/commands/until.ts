// until: reads an object again and again, until it is as it should be.

import type { Arguments } from "../arguments.js";
import { readParams } from "../call-options.js";
import { type Condition, isMet, readCondition, stand } from "../conditions.js";
import { json } from "../print.js";
import { inSession, readConnection, reading } from "../session.js";
import { UsageError } from "../usage.js";
import { readFields, readPath } from "../values.js";

export async function until(asked: Arguments): Promise<number> {
  const { name, words, values } = asked;
  const [first, ...written] = words;
  const path = readPath(name, first === undefined ? [] : [first]);
  if (written.length === 0)
    throw new UsageError("until: expected a condition after the path, such as state=powered_on");
  const conditions = written.map(readCondition);
  const fields = readFields(values) ?? fieldsFor(conditions, path);
  const params = readParams(asked);
  return inSession(readConnection(asked), reading(path), async ({ client, progress, limit }) => {
    const when = (record: unknown) => {
      progress.seen(conditions.map((condition) => stand(condition, record)).join(", "));
      return conditions.every((condition) => isMet(condition, record));
    };
    return json(await client.until(path, when, { ...limit(), ...params, query: { fields } }));
  });
}

/** Without being asked for them, Deploy gives few members of an object. The path's own query may ask already. */
function fieldsFor(conditions: readonly Condition[], path: string): string | undefined {
  if (new URLSearchParams(path.split("?")[1]).has("fields")) return undefined;
  return [...new Set(conditions.map(({ member }) => member.split(".")[0]))].join(",");
}
