// The page's colors for canvas drawings. They are read thousands of times a second, so they are cached until the
// user's color scheme changes.

const style = getComputedStyle(document.documentElement);
const colors = new Map<string, string>();
let changes = 0;

for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
  matchMedia(query).addEventListener("change", () => {
    colors.clear();
    changes += 1;
  });

/** A color by its name in the style sheet, without the dashes. */
export function color(name: string): string {
  let found = colors.get(name);
  if (found === undefined) {
    found = style.getPropertyValue(`--${name}`);
    colors.set(name, found);
  }
  return found;
}

/** How often the colors have changed. */
export function colorChanges(): number {
  return changes;
}
