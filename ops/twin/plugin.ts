import { flushCompileCache } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithParent } from '@cutover/base/end-with-parent.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { openCloud } from './cloud.ts';
import { openBodies } from './live/bodies.ts';
import { serve } from './protocol/server.ts';
import { hold } from './protocol/values.ts';
import { playProvider } from './provider.ts';
import { loadPart, packageVersion, type Part } from './providers.ts';

// The process that the engine starts as the plugin of a provider: node plugin.ts NAME [MODULE]. It prints its port and
// ends with its parent. MODULE exports `part`, a provider that is no part of the project; tests play theirs with it.
const [name = '', module] = process.argv.slice(2);
const givenUp = new AbortController();

try {
  const folder = process.env['CUTOVER_TWIN'];
  if (folder === undefined || folder === '') {
    throw new CutoverError('CUT-5312', { package: name, folder: 'not set' });
  }
  const part = module === undefined ? await loadPart(name) : ((await import(module)) as { part: Part }).part;
  const cloud = openCloud(folder);
  const provider = playProvider(part, {
    ...{ cloud, env: process.env, wait, die: () => process.exit(1), hold },
    ...(cloud.settings.live === true && { bodies: openBodies(folder) }),
  });
  const cancel = (): void => givenUp.abort();
  const version = await packageVersion(name);
  process.stdout.write(`${await serve(provider, { name, version, cancel })}\n`);
  endWithParent();
  // The engine kills plugins, and what is killed writes no cache.
  flushCompileCache();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Waits; cut short, and false, when the engine gives up. */
async function wait(seconds: number): Promise<boolean> {
  if (seconds <= 0) return true;
  return sleep(seconds * 1000, true, { signal: givenUp.signal }).catch(() => false);
}
