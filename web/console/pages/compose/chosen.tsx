// Who is chosen, and who is left out.

import { t } from '../../../shared/words';
import { Chip, PickChips } from '../../people/pickchips';
import { isEmpty, nothingPicked } from '../../people/picks';
import { number } from '../notifications/model';
import { type Audience, isNobody, type Side, withoutPicks } from './audience';

interface Props {
  audience: Audience;
  onChange: (next: Audience) => void;
}

export function Chosen(props: Props) {
  const { audience } = props;
  const nothing = isNobody(audience) && isEmpty(audience.without);
  return (
    <div className="compose-chosen">
      {nothing && <p className="quiet">{t('compose.nobody')}</p>}
      {!audience.everyone && (audience.unread !== null || !isEmpty(audience.to)) && <List {...props} side="to" />}
      {audience.everyone && <p>{t('compose.toEveryone')}</p>}
      {!isEmpty(audience.without) && <List {...props} side="without" />}
    </div>
  );
}

function List({ audience, onChange, side }: Props & { side: Side }) {
  const unread = side === 'to' ? audience.unread : null;
  return (
    <PickChips
      label={t(`compose.chosen.${side}`)}
      picks={audience[side]}
      isWithout={side === 'without'}
      before={
        unread && (
          <Chip
            name={t('compose.unreadOf', { title: unread.title, text: number(unread.count) })}
            onRemove={() => onChange({ ...audience, unread: null })}
          />
        )
      }
      onRemove={(fewer) => onChange(withoutPicks(audience, side, fewer))}
      onClear={() => onChange({ ...audience, [side]: nothingPicked, ...(side === 'to' && { unread: null }) })}
    />
  );
}
