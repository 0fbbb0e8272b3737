import { createRoot } from 'react-dom/client';
import { chosenLanguage, speak, t } from '../shared/words';
import { App } from './app';
import '../shared/look/tokens.css';
import '../shared/look/parts.css';
import '../shared/look/page.css';
import './setup.css';

await speak(chosenLanguage(), (language) => (language === 'zh' ? import('./words/zh.po') : import('./words/en.po')));
document.title = `${t('form.title')} · Tidings`;
const root = document.getElementById('app');
if (root) {
  createRoot(root).render(<App />);
}
