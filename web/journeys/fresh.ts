// A server on a new data directory, which nobody has made an organization on.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, until } from './tidings';

const binary = process.env.TIDINGS_BIN ?? '../bin/tidings';

export class Fresh {
  private constructor(
    private readonly process: ChildProcess,
    private readonly port: number,
    private readonly data: string,
  ) {}

  static async start(): Promise<Fresh> {
    const [port, data] = [await freePort(), mkdtempSync(join(tmpdir(), 'tidings-fresh-'))];
    const args = [
      'serve',
      '--listen',
      `127.0.0.1:${port}`,
      '--data',
      data,
      '--ops-listen',
      'off',
      '--config',
      '/dev/null',
    ];
    const fresh = new Fresh(spawn(binary, args, { stdio: 'ignore' }), port, data);
    await until('the server is up', async () => {
      const answer = await fetch(`${fresh.base}/readyz`).catch(() => null);
      return answer?.ok === true;
    });
    return fresh;
  }

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The address that the server has written into its file, since it has no terminal. */
  get address(): string {
    return readFileSync(join(this.data, 'setup-link'), 'utf8').trim();
  }

  /** Runs an admin command beside the server and returns its JSON. */
  async admin<T>(...args: string[]): Promise<T> {
    const place = ['--data', this.data, '--public-url', this.base, '--config', '/dev/null', '--json'];
    const { stdout } = await promisify(execFile)(binary, ['admin', ...place, ...args]);
    return JSON.parse(stdout) as T;
  }

  async stop(): Promise<void> {
    const gone = new Promise((done) => this.process.once('exit', done));
    this.process.kill('SIGTERM');
    await gone;
    rmSync(this.data, { recursive: true, force: true });
  }
}
