import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudFile, makeCloudFile } from '../../../../ops/twin/cloud-file.ts';
import { openCloud, type Cloud, type KeptThing } from '../../../../ops/twin/cloud.ts';
import type { Values } from '../../../../ops/twin/kind.ts';
import { openBodies, type Bodies } from '../../../../ops/twin/live/bodies.ts';
import type { BodyKind, BodyOf, Ground } from '../../../../ops/twin/live/body.ts';
import { openAuthority } from '../../../../ops/twin/live/certificates.ts';
import { startGround } from '../../../../ops/twin/live/ground.ts';
import { processesOf, stopProcesses } from '../../../../ops/twin/live/processes.ts';
import { settled, type Settled } from '../../../../ops/twin/live/settled.ts';

export const account = '111111111111';
export const place = { account, region: 'us-east-1' };

/** A cloud with things in it, and what stands behind them. */
export interface LiveCloud {
  readonly folder: string;
  readonly cloud: Cloud;
  readonly bodies: Bodies;
  /** Puts a thing into the cloud as a call of the API does, and waits for what stands behind it. */
  put(thing: TestThing): Promise<Settled>;
  take(of: BodyOf): Promise<Settled>;
  /** Everything that runs for it is ended, and its folder removed. */
  end(): Promise<void>;
}

export interface TestThing {
  readonly type: string;
  readonly id: string;
  readonly region?: string;
  readonly inputs: Values;
  readonly outputs?: Values;
}

export function liveCloud(): LiveCloud {
  const folder = mkdtempSync(join(tmpdir(), 'twin-live-'));
  makeCloudFile(cloudFile(folder), { account, seed: 's', timeScale: 0, live: true });
  const cloud = openCloud(folder);
  const bodies = openBodies(folder);
  const wait = async (seconds: number): Promise<boolean> =>
    new Promise((resolve) => setTimeout(() => resolve(true), seconds * 1000));
  const called = (of: BodyOf, operation: string, effect: () => void): Promise<Settled> => {
    cloud.atomically(() => {
      effect();
      cloud.record({ ...of, operation, urn: 'u', outcome: 'done' });
    });
    return settled(bodies, of, cloud.lastCall(), wait);
  };
  return {
    ...{ folder, cloud, bodies },
    put: ({ type, id, region = place.region, inputs, outputs = {} }) => {
      const of = { account, region, type, id };
      const before = cloud.find(type, id, of);
      const thing: KeptThing = {
        ...{ ...of, urn: `urn:${id}`, inputs, outputs, secrets: ['password'] },
        createdMs: before?.createdMs ?? Date.now(),
        readyMs: 0,
      };
      return called(of, 'create', () => cloud.put(thing));
    },
    take: (of) =>
      called(of, 'delete', () => {
        const thing = cloud.find(of.type, of.id, of);
        if (thing !== undefined) cloud.take(thing);
      }),
    end: async () => {
      await stopProcesses(await processesOf(folder), 'SIGQUIT', 3);
      bodies.close();
      cloud.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A ground in this process. */
export async function groundOn(
  { folder, cloud }: LiveCloud,
  kinds: readonly BodyKind[],
): Promise<{ readonly ground: Ground; stop(): Promise<void> }> {
  const authority = await openAuthority(folder);
  return startGround(folder, { cloud, kinds, authority, endpointUrl: 'http://127.0.0.1:9' });
}

/** Asks again until it is so; the last answer where it never is. */
export async function until<T>(
  ask: () => T | Promise<T>,
  isSo: (value: T) => boolean,
  seconds = 20,
): Promise<T> {
  const giveUp = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (isSo(value) || Date.now() > giveUp) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
