// Language and theme: the browser keeps them, for the inbox too.

import { Segmented } from 'antd';
import { useState } from 'react';
import { chooseTheme, chosenTheme, type Theme } from '../../shared/look/theme';
import { chooseLanguage, type Language, t, useLanguage } from '../../shared/words';

export function Preferences() {
  const language = useLanguage();
  const [theme, setTheme] = useState(chosenTheme());
  return (
    <div className="preferences">
      <h3>{t('language')}</h3>
      <Segmented<Language>
        block
        name="language"
        aria-label={t('language')}
        value={language}
        options={[
          { value: 'zh', label: '中文' },
          { value: 'en', label: 'English' },
        ]}
        onChange={(l) => void chooseLanguage(l)}
      />
      <h3>{t('theme')}</h3>
      <Segmented<Theme>
        block
        name="theme"
        aria-label={t('theme')}
        value={theme}
        options={[
          { value: 'system', label: t('theme.system') },
          { value: 'light', label: t('theme.light') },
          { value: 'dark', label: t('theme.dark') },
        ]}
        onChange={(next) => {
          chooseTheme(next);
          setTheme(next);
        }}
      />
    </div>
  );
}
