// Delays changes of layout during a click: an element that moves between press and release would miss the click.

let isPressed = false;
const waiting: (() => void)[] = [];

document.addEventListener("pointerdown", press, { capture: true });
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, release, { capture: true });
}

/** Calls `action` now, or after the current click. */
export function afterClick(action: () => void): void {
  if (isPressed) waiting.push(action);
  else action();
}

function press(): void {
  isPressed = true;
}

function release(): void {
  isPressed = false;
  // The click event follows the release.
  setTimeout(() => {
    for (const action of waiting.splice(0)) action();
  });
}
