// A sender's colours are data: the card carries them as attributes, and they
// become custom properties that the style sheet uses as tint, dot and text.

/** Gives every coloured element below root its properties. */
export function colour(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-color]')) {
    const { color, ink, inkDark } = element.dataset;
    element.style.setProperty('--sent', `#${color}`);
    element.style.setProperty('--ink', `#${ink}`);
    element.style.setProperty('--ink-dark', `#${inkDark}`);
  }
}
