// The gallery of cards, served from its sources as make gallery does.

import { type ChildProcess, spawn } from 'node:child_process';
import { freePort, until } from './tidings';

export class Gallery {
  private constructor(
    readonly address: string,
    private readonly vite: ChildProcess,
  ) {}

  static async start(): Promise<Gallery> {
    const port = await freePort();
    const address = `http://127.0.0.1:${port}/gallery/`;
    const vite = spawn('node_modules/.bin/vite', ['--mode', 'gallery', '--host', '127.0.0.1', '--port', String(port)], {
      stdio: 'ignore',
    });
    await until('the gallery is served', () =>
      fetch(address).then(
        (a) => a.ok,
        () => false,
      ),
    );
    return new Gallery(address, vite);
  }

  stop(): void {
    this.vite.kill();
  }
}
