import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { alone } from '../../../toolchain/lock.ts';
import { cloudFile } from '../cloud-file.ts';
import { openCloud } from '../cloud.ts';
import { startEndpoint } from './aws-endpoint.ts';
import { liveFolder } from './bodies.ts';
import type { BodyKind } from './body.ts';
import { openAuthority } from './certificates.ts';
import { startGround } from './ground.ts';

// The ground of a twin: node main.ts FOLDER [MODULE]. It says in a line of JSON where AWS's APIs answer, works until it is
// told to end or its folder is gone, and leaves what it has brought to the next one. MODULE exports `bodyKinds` that take
// the place of ours; tests bring toys with it.
const [place = '', module] = process.argv.slice(2);
const folder = resolve(place);

try {
  const { bodyKinds } = (await import(module ?? './kinds.ts')) as {
    readonly bodyKinds: readonly BodyKind[];
  };
  const inUse = (holder: string): never => {
    throw new CutoverError('CUT-5541', { folder, holder });
  };
  await alone(join(liveFolder(folder), 'ground.lock'), inUse, () => work(bodyKinds));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
// Handles of libraries must not keep a ground that has ended.
process.exit();

async function work(kinds: readonly BodyKind[]): Promise<void> {
  const cloud = openCloud(folder);
  const endpoint = await startEndpoint(folder, cloud);
  const running = await startGround(folder, {
    ...{ cloud, kinds, endpointUrl: endpoint.url },
    authority: await openAuthority(folder),
  });
  endpoint.attach(running.ground);
  if (endpoint.lostPort !== undefined) {
    running.ground.log(
      `somebody else has taken port ${endpoint.lostPort}: tasks that stand ask AWS there in vain; ./cutover twin live STACK --stop, and without --stop, starts them anew`,
    );
  }
  process.stdout.write(`${JSON.stringify({ pid: process.pid, endpoint: endpoint.url })}\n`);
  const why = await untilTheEnd();
  running.ground.log(`ends: ${why}`);
  await running.stop();
  await endpoint.close();
  cloud.close();
}

function untilTheEnd(): Promise<string> {
  return new Promise((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done(signal));
    setInterval(() => {
      if (!existsSync(cloudFile(folder))) done('its folder is gone');
    }, 1000).unref();
  });
}
