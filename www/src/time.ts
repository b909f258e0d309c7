// Durations in words. All times are in milliseconds, on the page's monotonic clock.

/** Milliseconds since the page was opened. Monotonic. */
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

/** `10 s`, `2 min`, `1 h`, for the labels of an axis. Other durations get one decimal. */
export function round(duration: number): string {
  const seconds = duration / 1000;
  if (seconds < 60) return `${decimal(seconds)} s`;
  if (seconds < 3600) return `${decimal(seconds / 60)} min`;
  return `${decimal(seconds / 3600)} h`;
}

function decimal(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** `12 s`, in whole seconds and at least 1, so that a countdown never shows 0. */
export function seconds(duration: number): string {
  return `${Math.max(1, Math.round(duration / 1000))} s`;
}

/** The next round duration that is at least as long, so that a scale changes rarely. */
export function niceSpan(duration: number): number {
  const spans = [10, 20, 60, 120, 300, 600, 1200, 3600, 7200, 14_400, 28_800, 86_400];
  const fitting = spans.find((span) => duration <= span * 1000);
  return fitting ? fitting * 1000 : Math.ceil(duration / 86_400_000) * 86_400_000;
}
