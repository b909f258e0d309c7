// Whether somebody is in the middle of a click. What moves then would slip away below the pointer, and the click
// would come to nothing.

let isPressed = false;
const waiting: (() => void)[] = [];

document.addEventListener("pointerdown", press, { capture: true });
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, release, { capture: true });
}

/** Calls `action` at once, or after the click that is under way. */
export function afterClick(action: () => void): void {
  if (isPressed) waiting.push(action);
  else action();
}

function press(): void {
  isPressed = true;
}

function release(): void {
  isPressed = false;
  // The click itself comes with the pointer's release.
  setTimeout(() => {
    for (const action of waiting.splice(0)) action();
  });
}
