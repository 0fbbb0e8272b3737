// In which theme a preview is shown.

import { Segmented } from 'antd';
import { t } from '../../shared/words';
import type { Shown } from '../look/colors';

export function ThemeChoice(props: { theme: Shown; onChange: (theme: Shown) => void }) {
  return (
    <Segmented<Shown>
      size="small"
      name="preview-theme"
      aria-label={t('preview.theme')}
      value={props.theme}
      options={[
        { value: 'light', label: t('theme.light') },
        { value: 'dark', label: t('theme.dark') },
      ]}
      onChange={props.onChange}
    />
  );
}
