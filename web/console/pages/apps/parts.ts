// The parts of an app's settings that are saved each by itself.

import { t } from '../../../shared/words';
import { idsOf, type Picks } from '../../people/picks';
import { number } from '../notifications/model';
import type { Part } from './editing';
import { composerPicks, rangePicks } from './model';
import { type App, type Installation, saveGrants, saveRange } from './queries';

export interface RangeForm {
  everyone: boolean;
  /** Kept while everyone is chosen, and not saved with it. */
  picks: Picks;
}

export interface GrantsForm {
  scopes: readonly string[];
  sendToEveryone: boolean;
  directSend: boolean;
}

/** The same text whatever the order. */
function picked(picks: Picks): string {
  const { dept_ids, userids } = idsOf(picks);
  return JSON.stringify([dept_ids.toSorted(), userids.toSorted()]);
}

export const rangePart: Part<RangeForm> = {
  name: 'range',
  of: (app) => ({ everyone: here(app).range.everyone, picks: rangePicks(here(app)) }),
  text: ({ everyone, picks }) => (everyone ? 'everyone' : picked(picks)),
  save: (at, app, { everyone, picks }) =>
    saveRange(at, { agent_edition: here(app).agent_edition, ...(everyone ? { everyone } : idsOf(picks)) }),
  saved: (app) => {
    const { people } = here(app).range;
    return t('app.range.saved', { count: people, text: number(people) });
  },
};

export const grantsPart: Part<GrantsForm> = {
  name: 'grants',
  of: (app) => {
    const { scopes, send_to_everyone, direct_send } = here(app).grants;
    return { scopes, sendToEveryone: send_to_everyone, directSend: direct_send };
  },
  text: ({ scopes, ...rest }) => JSON.stringify([scopes.toSorted(), rest.sendToEveryone, rest.directSend]),
  save: (at, app, { scopes, sendToEveryone, directSend }) =>
    saveGrants(at, {
      agent_edition: here(app).agent_edition,
      scopes: [...scopes],
      send_to_everyone: sendToEveryone,
      direct_send: directSend,
      composers: idsOf(composerPicks(here(app))),
    }),
  saved: () => t('app.saved'),
};

export const composersPart: Part<Picks> = {
  name: 'composers',
  of: (app) => composerPicks(here(app)),
  text: picked,
  save: (at, app, picks) =>
    saveGrants(at, { agent_edition: here(app).agent_edition, ...here(app).grants, composers: idsOf(picks) }),
  saved: () => t('app.saved'),
};

/** The installation; the page of an app that has none shows no settings of it. */
function here({ installation }: App): Installation {
  if (installation === null) {
    throw new Error('the app is not installed here');
  }
  return installation;
}
