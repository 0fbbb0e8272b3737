import { createRoot } from 'react-dom/client';
import { follower } from '../shared/live/follow';
import { dropOverlay } from '../shared/look/back';
import { chosenLanguage, speak } from '../shared/words';
import { App } from './app';
import '../shared/look/tokens.css';
import '../shared/look/parts.css';
import '../shared/card/card.css';
import '../shared/card/markdown.css';
import '../shared/card/actions.css';
import './base.css';
import './inbox.css';
import './account.css';
import './stream.css';
import './overlays.css';

// A page brought back from the browser's memory has lost its stream and does
// not know what happened meanwhile.
addEventListener('pageshow', (e) => {
  if (e.persisted) {
    location.reload();
  }
});

dropOverlay();
await speak(chosenLanguage(), (language) => (language === 'zh' ? import('./words/zh.po') : import('./words/en.po')));
const root = document.getElementById('app');
if (root) {
  createRoot(root).render(<App follow={follower()} />);
}
