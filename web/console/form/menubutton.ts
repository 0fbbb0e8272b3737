import { type RefObject, useRef, useState } from 'react';

export interface MenuButton<B> {
  button: RefObject<B | null>;
  open: boolean;
  setOpen: (open: boolean) => void;
  /** To be called when something is chosen, by a click or a key. */
  back: (chosen: { domEvent: { preventDefault: () => void } }) => void;
}

/** A button with a menu: whoever chooses by keys is at the button again, and not at the top of the page. */
export function useMenuButton<B extends HTMLElement = HTMLButtonElement>(): MenuButton<B> {
  const button = useRef<B>(null);
  const [open, setOpen] = useState(false);
  const back: MenuButton<B>['back'] = ({ domEvent }) => {
    domEvent.preventDefault(); // or the key would press the button too
    button.current?.focus();
  };
  return { button, open, setOpen, back };
}
