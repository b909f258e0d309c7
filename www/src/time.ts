// Durations as people read them. All in milliseconds, on the page's monotonic clock.

/** Milliseconds since the page was opened; never steps back. */
export function now(): number {
  return performance.now();
}

/** `0:07`, `12:05`, `1:02:03`. */
export function clock(duration: number): string {
  const total = Math.max(0, Math.floor(duration / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** `10 s`, `2 min`, `1 h`, for round durations such as an axis has; others get a decimal. */
export function round(duration: number): string {
  const seconds = duration / 1000;
  if (seconds < 60) return `${decimal(seconds)} s`;
  if (seconds < 3600) return `${decimal(seconds / 60)} min`;
  return `${decimal(seconds / 3600)} h`;
}

function decimal(value: number): string {
  return String(Math.round(value * 10) / 10);
}
