// A demo server of a journey's own, and the wire to send with, as any program
// that was written for DingTalk would.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Person {
  userid: string;
  name: string;
  dept_ids: number[];
  roles: string[];
  api_token: string;
  sign_in_url: string;
}

export interface Organization {
  corp_id: string;
  name: string;
  apps: {
    name: string;
    kind: string;
    app_key: string;
    app_secret: string;
    agent_id: number;
    suite_ticket?: string;
  }[];
  departments: { dept_id: number; name: string; parent_id: number }[];
  users: Person[];
}

export interface Result {
  read_user_id_list: string[];
  unread_user_id_list: string[];
  forbidden_user_id_list: string[];
}

const binary = process.env.TIDINGS_BIN ?? '../bin/tidings';
const patience = 60_000;

/** One running demo. Its data is gone when it is stopped. */
export class Tidings {
  organizations: Organization[] = [];
  private readonly data = mkdtempSync(join(tmpdir(), 'tidings-journey-'));
  private process: ChildProcess | undefined;

  private constructor(readonly port: number) {}

  static async start(): Promise<Tidings> {
    const t = new Tidings(await freePort());
    await t.run();
    return t;
  }

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The organization whose language is Chinese. */
  get first(): Organization {
    return this.organizations[0] as Organization;
  }

  /** The other one. */
  get second(): Organization {
    return this.organizations[1] as Organization;
  }

  /** Someone of the first organization, by place in its list. */
  person(n: number): Person {
    return this.first.users[n] as Person;
  }

  /** Starts the server, again after kill(), on the same address and data. */
  async run(): Promise<void> {
    const file = join(this.data, 'describe.json');
    rmSync(file, { force: true });
    const args = ['demo', '--listen', `127.0.0.1:${this.port}`, '--data', join(this.data, 'data'), '--describe', file];
    args.push('--outbound-allow', '127.0.0.1'); // programs of journeys hear of events there
    const started = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    started.stderr.on('data', (text) => {
      said += text;
    });
    this.process = started;
    await until(`the server is up${said}`, () => {
      if (started.exitCode !== null) {
        throw new Error(`the server ended: ${said}`);
      }
      return existsSync(file);
    });
    this.organizations = JSON.parse(readFileSync(file, 'utf8')).organizations;
  }

  /** Ends the server as a power failure of the process would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.data, { recursive: true, force: true });
  }

  /** Runs an admin command beside the server and returns its JSON. */
  async admin<T>(...args: string[]): Promise<T> {
    const { stdout } = await promisify(execFile)(binary, [
      'admin',
      '--data',
      join(this.data, 'data'),
      '--public-url',
      this.base,
      '--json',
      ...args,
    ]);
    return JSON.parse(stdout) as T;
  }

  /** The described app of an organization, with a token. */
  async app(organization = this.first): Promise<App> {
    const [app] = organization.apps;
    if (!app) {
      throw new Error('no app');
    }
    return this.appOf(app.app_key, app.app_secret, app.agent_id);
  }

  /** Another app of an organization. */
  async newApp(name: string, organization = this.first): Promise<App> {
    const made = await this.admin<{ app_key: string; app_secret: string; agent_id: number }>(
      '--org',
      organization.corp_id,
      'app',
      'create',
      name,
    );
    return this.appOf(made.app_key, made.app_secret, made.agent_id);
  }

  private async appOf(key: string, secret: string, agent: number): Promise<App> {
    const answer = await fetch(`${this.base}/gettoken?appkey=${key}&appsecret=${encodeURIComponent(secret)}`);
    const { access_token } = (await answer.json()) as { access_token: string };
    return new App(this.base, access_token, agent);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const running = this.process;
    this.process = undefined;
    if (running && running.exitCode === null) {
      const gone = new Promise((done) => running.once('exit', done));
      running.kill(signal);
      await gone;
    }
  }
}

/** A sender. */
export class App {
  constructor(
    private readonly base: string,
    private readonly token: string,
    readonly agent: number,
  ) {}

  /** The third-party app where it is installed, with a token got by its suite. */
  static async ofSuite(base: string, installed: Organization): Promise<App> {
    const app = installed.apps.find((a) => a.kind === 'third_party');
    if (!app) {
      throw new Error('no third-party app');
    }
    const answer = await fetch(`${base}/v1.0/oauth2/corpAccessToken`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        suiteKey: app.app_key,
        suiteSecret: app.app_secret,
        suiteTicket: app.suite_ticket,
        authCorpId: installed.corp_id,
      }),
    });
    const { accessToken } = (await answer.json()) as { accessToken: string };
    return new App(base, accessToken, app.agent_id);
  }

  /** Sends a template with values to people and returns the task id. */
  async byTemplate(to: Person[], template_id: string, values: Record<string, string>): Promise<number> {
    const sent = { template_id, userid_list: to.map((p) => p.userid).join(','), data: JSON.stringify(values) };
    return (await this.call<{ task_id: number }>('sendbytemplate', sent)).task_id;
  }

  /** Sends to people and returns the task id. */
  async send(to: Person | Person[], msg: object): Promise<number> {
    const people = [to].flat().map((p) => p.userid);
    return (await this.call<{ task_id: number }>('asyncsend_v2', { userid_list: people.join(','), msg })).task_id;
  }

  async text(to: Person | Person[], content: string): Promise<number> {
    return this.send(to, { msgtype: 'text', text: { content } });
  }

  async result(task_id: number): Promise<Result> {
    return (await this.call<{ send_result: Result }>('getsendresult', { task_id })).send_result;
  }

  async recall(msg_task_id: number): Promise<void> {
    await this.call('recall', { msg_task_id });
  }

  async statusBar(task_id: number, status_value: string, status_bg: string): Promise<void> {
    await this.call('status_bar/update', { task_id, status_value, status_bg });
  }

  /** Uploads a file and returns its media id. */
  async upload(type: string, name: string, content: Uint8Array): Promise<string> {
    const form = new FormData();
    form.set('type', type);
    form.set('media', new Blob([content as BlobPart]), name);
    const answer = await fetch(`${this.base}/media/upload?access_token=${this.token}`, { method: 'POST', body: form });
    const { errcode, errmsg, media_id } = (await answer.json()) as {
      errcode: number;
      errmsg: string;
      media_id: string;
    };
    if (errcode !== 0) {
      throw new Error(`upload: ${errcode} ${errmsg}`);
    }
    return media_id;
  }

  private async call<T>(api: string, parameters: object): Promise<T> {
    const answer = await fetch(`${this.base}/topapi/message/corpconversation/${api}?access_token=${this.token}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ agent_id: this.agent, ...parameters }),
    });
    const said = (await answer.json()) as { errcode: number; errmsg: string; sub_msg?: string } & T;
    if (said.errcode !== 0) {
      throw new Error(`${api}: ${said.errcode} ${said.errmsg} ${said.sub_msg ?? ''}`);
    }
    return said;
  }
}

/** Waits until something is so; what it throws ends the wait. */
export async function until(what: string, so: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + patience;
  while (!(await so())) {
    if (Date.now() > end) {
      throw new Error(`not within ${patience / 1000} s: ${what}`);
    }
    await new Promise((go) => setTimeout(go, 50));
  }
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return address.port;
}
