// What people see of an app, and the hosts that it vouches for: saved together,
// changed apart.

import { t } from '../../../shared/words';
import type { Part } from './editing';
import { type App, type At, saveApp } from './queries';

export interface ProfileForm {
  name: string;
  description: string;
  pageURL: string;
  /** What the icon is called among uploaded files; empty for none. */
  icon: string;
  /** The name of the file that was chosen now. */
  iconName: string;
  /** Where the browser gets that file; empty for none, absent in what an older page has kept. */
  iconURL?: string;
}

/** The hosts, one in a line. */
export interface HostsForm {
  text: string;
}

const profileOf = (app: App): ProfileForm => ({
  name: app.name,
  description: app.description,
  pageURL: app.page_url,
  icon: app.icon_media_id,
  iconName: '',
  iconURL: '',
});

function store(at: At, app: App, profile: ProfileForm, hosts: readonly string[]): Promise<App> {
  return saveApp(at, {
    edition: app.edition,
    name: profile.name,
    description: profile.description,
    page_url: profile.pageURL,
    icon: profile.icon,
    trusted_hosts: [...hosts],
  });
}

export const profilePart: Part<ProfileForm> = {
  name: 'profile',
  of: profileOf,
  text: ({ iconName: _, iconURL: __, ...said }) => JSON.stringify(Object.values(said).map((text) => text.trim())),
  save: (at, app, form) => store(at, app, form, app.trusted_hosts),
  saved: () => t('app.saved'),
};

export const hostsPart: Part<HostsForm> = {
  name: 'hosts',
  of: (app) => ({ text: app.trusted_hosts.join('\n') }),
  text: (form) => JSON.stringify(hostsOf(form).toSorted()),
  save: (at, app, form) => store(at, app, profileOf(app), hostsOf(form)),
  saved: () => t('app.saved'),
};

export function hostsOf({ text }: HostsForm): string[] {
  return text
    .split(/[\s,，、]+/)
    .map((host) => host.toLowerCase())
    .filter((host) => host !== '');
}
