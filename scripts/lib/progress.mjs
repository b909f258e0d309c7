// Shows progress: one live line on a terminal, otherwise a plain line every 10 seconds.

const LIVE_MS = 1_000;
const PLAIN_MS = 10_000;

/**
 * Shows a task that takes more than a second, with the elapsed time and its progress.
 * @param {string} title
 */
export function begin(title) {
  const started = performance.now();
  const live = process.stdout.isTTY === true;
  let detail = "";
  let announced = false;

  const tick = () => {
    const parts = [announced || live ? seconds(started) : "", detail].filter(Boolean);
    const text = `${title} … ${parts.join(", ")}`.trimEnd();
    if (live) {
      process.stdout.write(`\r\x1b[2K${text.slice(0, (process.stdout.columns ?? 80) - 1)}`);
    } else {
      console.log(text);
    }
    announced = true;
  };
  const first = setTimeout(tick, LIVE_MS);
  const later = setInterval(tick, live ? LIVE_MS : PLAIN_MS);

  /** @param {string} mark */
  const end = (mark) => {
    clearTimeout(first);
    clearInterval(later);
    if (live && announced) process.stdout.write("\r\x1b[2K");
    console.log(`${mark} ${title} (${seconds(started)})`);
  };
  return {
    /**
     * Sets the progress, in a few words.
     * @param {string} text
     */
    note(text) {
      detail = text;
    },
    done: () => end("✓"),
    failed: () => end("✗"),
  };
}

/**
 * The elapsed time for people to read.
 * @param {number} started a value of `performance.now()`
 */
export function seconds(started) {
  const passed = (performance.now() - started) / 1_000;
  return passed < 10 ? `${passed.toFixed(1)} s` : `${Math.round(passed)} s`;
}
