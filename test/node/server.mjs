// Starts the built binary as a demo of its own, and stops it again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const bin = process.env.TIDINGS_BIN;

/**
 * Starts it with further arguments and variables, and returns what the demo says about itself, the folder it may be given files
 * from, and stop(), which answers with the exit code.
 */
export async function startDemo(more = [], env = {}) {
  if (!bin) throw new Error('TIDINGS_BIN must name the tidings binary');
  const folder = mkdtempSync(join(tmpdir(), 'tidings-node-'));
  const describe = join(folder, 'describe.json');
  const server = spawn(
    bin,
    ['demo', '--listen', '127.0.0.1:0', '--data', join(folder, 'data'), '--describe', describe, ...more],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  let output = '';
  server.stdout.on('data', text => { output += text; });
  server.stderr.on('data', text => { output += text; });
  const failed = once(server, 'error').then(([err]) => { throw err; });
  const exited = Promise.race([once(server, 'exit'), failed]);
  exited.catch(() => {});

  const stop = async () => {
    server.kill('SIGTERM');
    const late = delay(10_000, undefined, { ref: false }).then(() => {
      server.kill('SIGKILL');
      throw new Error(`still running 10 s after SIGTERM:\n${output}`);
    });
    const [code] = await Promise.race([exited, late]);
    rmSync(folder, { recursive: true, force: true });
    return code;
  };

  // The description appears by rename once sends are accepted.
  const deadline = Date.now() + 15_000;
  while (!existsSync(describe)) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop().catch(() => {});
      throw new Error(`the demo did not come up within 15 s:\n${output}`);
    }
    await delay(50);
  }
  return { ...JSON.parse(readFileSync(describe, 'utf8')), folder, stop };
}
