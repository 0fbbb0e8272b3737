// Templates as cards, as their readers would see them.

import { Link } from '@tanstack/react-router';
import { t } from '../../../shared/words';
import { Preview } from '../../card/preview';
import type { Group } from '../../list/datapage';
import { useShownTheme } from '../../look/look';
import type { ListedTemplate } from './queries';
import { linkTo, nameOf, Saved } from './rows';
import { Facts } from './status';

export function Cards(props: { groups: readonly Group<ListedTemplate>[] }) {
  return props.groups.map((group) => (
    <section key={group.key} className="template-group">
      <h2>{group.title}</h2>
      <ul className="template-cards">
        {group.items.map((item) => (
          <OneTemplate key={item.template_id} item={item} />
        ))}
      </ul>
    </section>
  ));
}

function OneTemplate({ item }: { item: ListedTemplate }) {
  const theme = useShownTheme();
  return (
    <li className="template-card">
      <div className="template-picture" aria-hidden="true" inert>
        {item.card && <Preview card={item.card} theme={theme} />}
      </div>
      <div className="template-about">
        <Link {...linkTo(item)} className="row-link">
          {nameOf(item)}
        </Link>
        <Facts template={item} />
        <span className="quiet">
          {t(`kind.${item.kind}`)} · {item.app.name}
        </span>
        <span className="quiet">
          <Saved item={item} />
        </span>
      </div>
    </li>
  );
}
