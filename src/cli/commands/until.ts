// until: reads an object repeatedly until it meets all conditions.

import type { CallResult } from "../../js/index.js";
import type { Arguments } from "../arguments.js";
import { readParams } from "../call-options.js";
import { type Condition, isMet, readCondition, stand } from "../conditions.js";
import { json } from "../print.js";
import { AN_OBJECT, type Connection, inSession, readConnection, reading } from "../session.js";
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
  const connection = readConnection(asked);
  return inSession(
    connection,
    { ...reading(path), expects: AN_OBJECT },
    async ({ client, progress, limit }) => {
      const when = (record: unknown) => {
        progress.seen(conditions.map((condition) => stand(condition, record)).join(", "));
        return conditions.every((condition) => isMet(condition, record));
      };
      const options = { ...params, query: { fields } };
      const collection = unlessOne(connection, path, () => client.get(path, { ...limit(), ...options }));
      return json(await Promise.race([client.until(path, when, { ...limit(), ...options }), collection]));
    },
  );
}

/**
 * Rejects if the path is a collection, which never has a record. The client retries a response without a record,
 * because a proxy may have caused it. So `get` reads the path once more and checks the body.
 */
function unlessOne(connection: Connection, path: string, get: () => Promise<CallResult>): Promise<never> {
  return new Promise((_, reject) => {
    let latest: number | undefined;
    let hasLooked = false;
    const look = async () => {
      const { body } = await get();
      if (!Array.isArray((body as { records?: unknown } | undefined)?.records)) return;
      const [shown] = path.split("?");
      reject(new UsageError(`until: ${shown} is a collection; expected ${AN_OBJECT}`));
    };
    connection.onEvent = ({ type, status }) => {
      if (type === "response") latest = status;
      if (type !== "retry" || latest !== 200 || hasLooked) return;
      hasLooked = true;
      // If this fails, the client's own read fails, too.
      look().catch(() => {});
    };
  });
}

/** The members to request. By default Deploy returns only a few. The path's own query may request them already. */
function fieldsFor(conditions: readonly Condition[], path: string): string | undefined {
  if (new URLSearchParams(path.split("?")[1]).has("fields")) return undefined;
  return [...new Set(conditions.map(({ member }) => member.split(".")[0]))].join(",");
}
