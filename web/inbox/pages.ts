// The pages of apps that this inbox has opened. A page may ask who has opened it, and for
// leave to send because of what they have just done there; it is told with a code that only
// the app's server can use (docs/adr/0029-an-apps-page-keeps-hold-of-the-inbox.md).

import { ask, client, Refused } from '../shared/api/client';
import type { components } from '../shared/api/schema.gen';

/** A window that was opened at an app's own page address. */
interface Opened {
  window: Window;
  agent: string;
  origin: string;
}

const kinds = ['requestAuthCode', 'requestOperateAuthCode'] as const;
type Kind = (typeof kinds)[number];

/** What the script of a page sends (web/public/assets/dd.js). */
interface Asked {
  tidings: Kind;
  id: string;
  corpId: string;
  clientId: string;
  agentId?: string;
}

type CodeRequest = components['schemas']['PageCodeRequest'];

const makeCode = (corpID: string, body: CodeRequest): Promise<{ code: string }> =>
  ask(client.POST('/api/v1/page-codes', { body, params: { query: { org: corpID } } }));

export class Pages {
  #opened: Opened[] = [];
  constructor(
    readonly corpID: string,
    private readonly make = makeCode,
  ) {}

  /** Opens an app's page in a tab that keeps hold of this window. To be called in a click. */
  open(agent: string, address: string): void {
    const tab = window.open(address, '_blank');
    if (tab) {
      this.keep(tab, agent, address);
    }
  }

  /** Notes a window at an app's page, a frame's for example. */
  keep(opened: Window, agent: string, address: string): void {
    this.#opened = this.#opened.filter((one) => one.window !== opened && !one.window.closed);
    this.#opened.push({ window: opened, agent, origin: new URL(address).origin });
  }

  /** Answers pages until the function that it returns is called. */
  listen(): () => void {
    const heard = (e: MessageEvent) => void this.#answer(e);
    addEventListener('message', heard);
    return () => removeEventListener('message', heard);
  }

  // Whoever was not opened as an app's page, or has gone elsewhere meanwhile, hears nothing.
  async #answer(e: MessageEvent): Promise<void> {
    const page = this.#opened.find((one) => one.window === e.source);
    if (!page || e.origin !== page.origin || !isAsked(e.data)) {
      return;
    }
    const { tidings, id } = e.data;
    const answer = await this.#code(page, e.data);
    page.window.postMessage({ tidings, id, ...answer }, page.origin);
  }

  async #code(page: Opened, asked: Asked): Promise<{ code: string } | { error: string }> {
    const { tidings: kind, corpId, clientId, agentId = '' } = asked;
    if (corpId !== '' && corpId !== this.corpID) {
      return { error: 'the inbox is of another organization' };
    }
    if (agentId !== '' && agentId !== page.agent) {
      return { error: 'the page is of another app' };
    }
    const own = clientId === '' ? {} : { client_id: clientId };
    const body = { agent_id: page.agent, origin: page.origin, kind, ...own };
    try {
      return await this.make(this.corpID, body);
    } catch (e) {
      return { error: e instanceof Refused && e.code ? e.code : 'failed' };
    }
  }
}

function isAsked(data: unknown): data is Asked {
  const asked = data as Partial<Asked> | null;
  return (
    typeof asked === 'object' &&
    asked !== null &&
    kinds.some((kind) => kind === asked.tidings) &&
    typeof asked.id === 'string' &&
    [asked.corpId, asked.clientId, asked.agentId ?? ''].every((one) => typeof one === 'string')
  );
}
