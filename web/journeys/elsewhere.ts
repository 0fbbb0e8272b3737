// Another host, for links and pictures to point to: it remembers who asked.

import { createServer, type Server } from 'node:http';

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAwAAAAICAIAAABChommAAAAEUlEQVR42mNQ6rhLEDGMKgIAhHSSoRsSlGgAAAAASUVORK5CYII=',
  'base64',
);

/** A server on an address of loopback that is not the inbox's. */
export class Elsewhere {
  asked: { path: string; referer: string | undefined; cookie: string | undefined }[] = [];

  private constructor(
    private readonly server: Server,
    readonly host: string,
    readonly port: number,
  ) {}

  static async start(host: string): Promise<Elsewhere> {
    const server = createServer((request, answer) => {
      e.asked.push({ path: request.url ?? '', referer: request.headers.referer, cookie: request.headers.cookie });
      const picture = request.url?.startsWith('/picture');
      answer.writeHead(200, { 'Content-Type': picture ? 'image/png' : 'text/html', 'Cache-Control': 'no-store' });
      answer.end(
        picture ? pixel : '<!doctype html><title>elsewhere</title><h1>elsewhere</h1><a href="#further">further</a>',
      );
    });
    await new Promise<void>((listening) => server.listen(0, host, listening));
    const address = server.address();
    const e: Elsewhere = new Elsewhere(server, host, typeof address === 'object' && address ? address.port : 0);
    return e;
  }

  get base(): string {
    return `http://${this.host}:${this.port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
