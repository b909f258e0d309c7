/** The cursor of a job after so many changes. The server sends it, and the floor knows it in advance. */
export const stamp = (changes) => `2026-01-01T00:00:${String(changes).padStart(2, "0")}.140265Z`;
