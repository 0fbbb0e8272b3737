import { createRoot } from 'react-dom/client';
import { chosenLanguage, speak } from '../shared/words';
import { Look } from './look/look';
import { Console } from './shell/console';
import '../shared/look/tokens.css';
import '../shared/look/parts.css';
import './base.css';
import './parts.css';
import './shell/shell.css';
import './list/list.css';

await speak(chosenLanguage(), (language) => (language === 'zh' ? import('./words/zh.po') : import('./words/en.po')));
const root = document.getElementById('app');
if (root) {
  createRoot(root).render(
    <Look>
      <Console />
    </Look>,
  );
}
