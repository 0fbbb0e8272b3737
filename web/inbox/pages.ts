// The pages of apps that this inbox has opened. A page may ask who has opened it;
// it is told with a code that only the app's server can read
// (docs/adr/0029-an-apps-page-keeps-hold-of-the-inbox.md).

import { ask, client, Refused } from '../shared/api/client';
import type { components } from '../shared/api/schema.gen';

/** A window that was opened at an app's own page address. */
interface Opened {
  window: Window;
  agent: string;
  origin: string;
}

/** What the script of a page sends (web/public/assets/dd.js). */
interface Asked {
  tidings: 'requestAuthCode';
  id: string;
  corpId: string;
  clientId: string;
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
    const { id, clientId, corpId } = e.data;
    const answer = await this.#code(page, corpId, clientId);
    page.window.postMessage({ tidings: 'requestAuthCode', id, ...answer }, page.origin);
  }

  async #code(page: Opened, corpId: string, clientId: string): Promise<{ code: string } | { error: string }> {
    if (corpId !== '' && corpId !== this.corpID) {
      return { error: 'the inbox is of another organization' };
    }
    const body = { agent_id: page.agent, origin: page.origin, ...(clientId === '' ? {} : { client_id: clientId }) };
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
    asked?.tidings === 'requestAuthCode' &&
    typeof asked.id === 'string' &&
    typeof asked.corpId === 'string' &&
    typeof asked.clientId === 'string'
  );
}
