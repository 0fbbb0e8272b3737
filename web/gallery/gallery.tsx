// Every card at its extremes on one page, for those who work on cards:
//
//   make gallery
//
// cards.json comes from the server's own renderer (test/gallery).

import { createRoot } from 'react-dom/client';
import type { Item } from '../shared/api/client';
import { Card } from '../shared/card/card';
import { clicked } from '../shared/card/clicks';
import { chooseTheme, chosenTheme } from '../shared/look/theme';
import { chooseLanguage, chosenLanguage, speak, useLanguage } from '../shared/words';
import '../shared/look/tokens.css';
import '../shared/look/parts.css';
import '../shared/card/card.css';
import '../shared/card/markdown.css';
import '../shared/card/actions.css';
import '../inbox/base.css';
import './gallery.css';

const sections = (await (await fetch('/gallery/cards.json')).json()) as {
  title: string;
  items: (Item & { name?: string })[];
}[];

function Gallery() {
  const language = useLanguage();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys work on the links and buttons inside
    // biome-ignore lint/a11y/noStaticElementInteractions: clicks are those of the links and buttons inside
    <div className="gallery" onClick={(e) => clicked(e.nativeEvent)}>
      <header>
        <h1>Cards</h1>
        <button type="button" className="button" onClick={() => void chooseLanguage(language === 'zh' ? 'en' : 'zh')}>
          中文 / English
        </button>
        <button
          type="button"
          className="button"
          onClick={() => chooseTheme(chosenTheme() === 'dark' ? 'light' : 'dark')}
        >
          ◐
        </button>
      </header>
      {sections.map((s) => (
        <section key={s.title}>
          <h2>{s.title}</h2>
          <div className="gallery-cards">
            {s.items.map((item, n) => (
              <div key={item.message_id} data-name={item.name}>
                <Card item={item} unread={!item.name && n % 3 === 0} joined={!item.name && n % 5 === 4} />
              </div>
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

await speak(chosenLanguage());
const root = document.getElementById('app');
if (root) {
  createRoot(root).render(<Gallery />);
}
