// A program that hears of events, as one that was written for DingTalk would: it opens
// what is posted with its token and key, and answers with an encrypted success.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class Listener {
  /** What it was told, but for check_url and what third-party apps are checked with. */
  readonly heard: Record<string, unknown>[] = [];
  checks = 0;
  /** Answers with this status instead of listening. */
  away = 0;
  token = '';
  key = '';

  private constructor(
    private readonly server: Server,
    readonly keyID: string,
  ) {}

  static async start(keyID: string): Promise<Listener> {
    const server = createServer();
    const listener = new Listener(server, keyID);
    server.on('request', (request: IncomingMessage, answer) => {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        const [status, text] = listener.take(new URL(request.url ?? '/', listener.url), body);
        answer.writeHead(status, { 'Content-Type': 'application/json' });
        answer.end(text);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return listener;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/events`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private take(url: URL, body: string): [number, string] {
    const said = (name: string) => url.searchParams.get(name) ?? '';
    const { encrypt } = JSON.parse(body) as { encrypt: string };
    if (this.away || said('signature') !== this.sign(said('timestamp'), said('nonce'), encrypt)) {
      return [this.away || 403, 'no'];
    }
    const event = JSON.parse(this.open(encrypt)) as Record<string, unknown>;
    if (String(event.EventType).startsWith('check_')) {
      this.checks++;
    } else {
      this.heard.push(event);
    }
    const [timeStamp, nonce, sealed] = [String(Date.now()), 'nonce', this.seal('success')];
    const msg_signature = this.sign(timeStamp, nonce, sealed);
    return [200, JSON.stringify({ msg_signature, timeStamp, nonce, encrypt: sealed })];
  }

  private sign(...parts: string[]): string {
    return createHash('sha1')
      .update([this.token, ...parts].sort().join(''))
      .digest('hex');
  }

  private get secret(): Buffer {
    return Buffer.from(`${this.key}=`, 'base64');
  }

  private open(sealed: string): string {
    const cipher = createDecipheriv('aes-256-cbc', this.secret, this.secret.subarray(0, 16)).setAutoPadding(false);
    const plain = Buffer.concat([cipher.update(sealed, 'base64'), cipher.final()]);
    const [length, padding] = [plain.readUInt32BE(16), plain.at(-1) ?? 0];
    const id = plain.subarray(20 + length, plain.length - padding).toString();
    if (id !== this.keyID) {
      throw new Error(`the key id is ${id}`);
    }
    return plain.subarray(20, 20 + length).toString();
  }

  private seal(text: string): string {
    const plain = Buffer.concat([randomBytes(16), Buffer.alloc(4), Buffer.from(text + this.keyID)]);
    plain.writeUInt32BE(Buffer.byteLength(text), 16);
    const padding = 32 - (plain.length % 32);
    const cipher = createCipheriv('aes-256-cbc', this.secret, this.secret.subarray(0, 16)).setAutoPadding(false);
    return Buffer.concat([
      cipher.update(plain),
      cipher.update(Buffer.alloc(padding, padding)),
      cipher.final(),
    ]).toString('base64');
  }
}
