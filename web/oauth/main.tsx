import { createRoot } from 'react-dom/client';
import { chosenLanguage, speak } from '../shared/words';
import { App } from './app';
import '../shared/look/tokens.css';
import '../shared/look/parts.css';
import '../shared/look/page.css';
import './oauth.css';

// A page brought back from the browser's memory shows a request that is answered.
addEventListener('pageshow', (e) => {
  if (e.persisted) {
    location.reload();
  }
});

await speak(chosenLanguage(), (language) => (language === 'zh' ? import('./words/zh.po') : import('./words/en.po')));
document.title = document.documentElement.lang === 'en' ? 'Sign in' : '登录';
const root = document.getElementById('app');
if (root) {
  createRoot(root).render(<App />);
}
