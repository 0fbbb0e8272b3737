// The OpenID Provider that people of a journey have accounts at.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Somebody who has an account there. */
export interface Account {
  sub: string;
  preferred_username: string;
  name: string;
  email: string;
  email_verified: boolean;
}

export class OpenID {
  private constructor(
    private readonly process: ChildProcess,
    readonly issuer: string,
  ) {}

  static readonly client = { id: 'tidings', secret: 'the secret of the journeys' };

  static async start(people: readonly Account[]): Promise<OpenID> {
    const binary = process.env.TIDINGS_OPENID ?? '../tmp/openid';
    const started = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
    const options = { ClientID: OpenID.client.id, ClientSecret: OpenID.client.secret, People: people };
    started.stdin.write(`${JSON.stringify(options)}\n`);
    for await (const issuer of createInterface({ input: started.stdout })) {
      return new OpenID(started, issuer);
    }
    throw new Error('the provider ended');
  }

  /** Lets people be sent back to an address. */
  allow(redirectURI: string): void {
    this.process.stdin?.write(`${redirectURI}\n`);
  }

  async stop(): Promise<void> {
    const gone = new Promise((done) => this.process.once('exit', done));
    this.process.kill('SIGTERM');
    await gone;
  }
}
