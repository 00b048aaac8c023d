import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { projectRoot } from '@cutover/base/project.ts';

// A handler that is asked something by an engine that is killed then.
const url = pathToFileURL(join(projectRoot, 'base', 'dispatch.ts')).href;
const provider = `
  const { dispatch } = await import(${JSON.stringify(url)});
  const nothing = 'data:text/javascript,export const handler = {}';
  await dispatch(nothing, ['check', {}, {}]);
  setInterval(() => undefined, 1000);
  process.stdout.write(String(process.pid));
`;
const engine = `
  const { spawn } = await import('node:child_process');
  spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(provider)}], { stdio: ['ignore', 'inherit', 'ignore'] });
`;

it('a provider of a killed engine ends by itself, whatever it was doing', async () => {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', engine], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = await new Promise<number>((resolve, reject) => {
    parent.stdout.setEncoding('utf8').once('data', (text: string) => resolve(Number(text)));
    parent.once('exit', () => reject(new Error('It ended by itself.')));
  });
  const isThere = async (): Promise<boolean> => (await processStartTime(pid)) !== undefined;
  try {
    await sleep(1200);
    expect(await isThere()).toBe(true);
    parent.kill('SIGKILL');
    for (let tries = 0; tries < 100 && (await isThere()); tries++) await sleep(50);
    expect(await isThere()).toBe(false);
  } finally {
    if (await isThere()) process.kill(pid, 'SIGKILL');
  }
});
