// A draft: what is said, by which app, to whom; and the key under which it is
// sent once, however often that is tried.

import { type Audience, audienceRequest, isNobody, nobody } from './audience';
import { type Content, emptyContent, messageOf, missing } from './content';

export interface Draft {
  /** The app that sends it. */
  agent: string;
  /** Whether it says a template, or words of one's own. */
  from: 'own' | 'template';
  content: Content;
  /** The template; version 0 until its live one is known. */
  template: { id: string; version: number } | null;
  /** By parameter; kept when another template is chosen, which may have the same. */
  values: Readonly<Record<string, string>>;
  audience: Audience;
  key: string;
  /** When the key was made, in ms. */
  keyAt: number;
  /** Whether sending was tried: it may have arrived although no answer did. */
  tried: boolean;
}

/** Drafts that an older page has kept in another shape are not read. */
export const shape = 1;

/** So long the server remembers a key. */
const remembered = 24 * 60 * 60 * 1000;

export function newDraft(some: Partial<Draft> = {}): Draft {
  return {
    agent: '',
    from: 'own',
    content: emptyContent,
    template: null,
    values: {},
    audience: nobody,
    ...freshKey(),
    ...some,
  };
}

/** A draft whose key the server still knows if it was used: an old key is replaced. */
export function renewed(draft: Draft, now = Date.now()): Draft {
  return now - draft.keyAt < remembered ? draft : { ...draft, ...freshKey(now) };
}

/** A key that nothing was sent with: 128 random bits. Pages over plain http have no randomUUID. */
export function freshKey(now = Date.now()): Pick<Draft, 'key' | 'keyAt' | 'tried'> {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { key: [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(''), keyAt: now, tried: false };
}

export interface SendableParameter {
  name: string;
}

/** What stands in the way of asking the server about the content: fields that are empty. */
export function gaps(draft: Draft, parameters: readonly SendableParameter[]): string[] {
  if (draft.from === 'own') {
    return missing(draft.content);
  }
  if (!draft.template || draft.template.version === 0) {
    return ['template'];
  }
  return parameters.filter((p) => !draft.values[p.name]?.trim()).map((p) => p.name);
}

/** What is said, as a request has it. */
export function saidRequest(draft: Draft, app: string, parameters: readonly SendableParameter[]) {
  const { agent: agent_id, template, values } = draft;
  if (draft.from === 'own' || !template) {
    return { agent_id, message: messageOf(draft.content, app) };
  }
  const own = Object.fromEntries(parameters.map(({ name }) => [name, values[name] ?? '']));
  return { agent_id, template: { template_id: template.id, version: template.version, values: own } };
}

export type Said = ReturnType<typeof saidRequest>;

/** The whole draft as a request has it; null while it cannot be sent. */
export function draftRequest(said: Said | null, audience: Audience) {
  return said === null || isNobody(audience) ? null : { ...said, audience: audienceRequest(audience) };
}
