/** A job's stamp after so many changes: what the server gives, and the floor knows beforehand. */
export const stamp = (changes) => `2026-01-01T00:00:${String(changes).padStart(2, "0")}.140265Z`;
