import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { openBodies, type Bodies } from '../../../../ops/twin/live/bodies.ts';
import { gone } from '../../../../ops/twin/live/plan.ts';
import { named, toy, type Toy } from '../toy-cloud.ts';

const type = 'aws:ec2/vpc:Vpc';
const standing = { processes: [], addresses: [], notes: {} };
const args = { cidrBlock: '10.0.0.0/16' };

/** A provider, and a ground that does as `how` says to each network that it finds while the provider waits. */
async function withGround(how: () => 'ready' | 'failed' | 'never'): Promise<Toy & { bodies: Bodies }> {
  const folder = mkdtempSync(join(tmpdir(), 'waiting-'));
  const bodies = openBodies(folder);
  onTestFinished(() => {
    bodies.close();
    rmSync(folder, { recursive: true, force: true });
  });
  bodies.begin({ pid: process.pid, started: (await processStartTime(process.pid)) ?? '' }, [
    { type, seconds: 60 },
  ]);
  const world = toy(
    {},
    {
      bodies,
      meanwhile: (seconds) => {
        if (seconds === 0) return Promise.resolve(true);
        const things = world.cloud.things().filter((each) => each.type === type);
        const wanted = things.map((each) => ({ ...each, digest: JSON.stringify(each.inputs) }));
        const removed = bodies.list().filter(({ id }) => !things.some((each) => each.id === id));
        bodies.look(world.cloud.lastCall(), { brought: wanted, kept: [], removed });
        const state = how();
        if (state === 'never') return Promise.resolve(false);
        const became = (digest: string) =>
          state === 'failed'
            ? ({ state, digest, why: 'no room' } as const)
            : ({ state, digest, standing } as const);
        for (const each of wanted) bodies.put(each, became(each.digest));
        for (const each of removed) {
          if (state === 'ready') bodies.drop(each);
          else bodies.put(each, became(gone));
        }
        return Promise.resolve(true);
      },
    },
  );
  return { ...world, bodies };
}

describe('a call for a thing that something real stands behind', () => {
  it('ends when that is ready, and a delete when it is gone', async () => {
    const { make, provider, bodies } = await withGround(() => 'ready');
    const made = await make(type, 'main', args);
    expect(bodies.list()).toMatchObject([{ state: 'ready' }]);
    const olds = made.properties;
    await provider.delete({ ...named(type, 'main'), id: made.id, olds, timeoutSeconds: 0 });
    expect(bodies.list()).toEqual([]);
  });

  it('fails in the words of the provider when it does not come up, and the engine keeps the thing', async () => {
    const { make, cloud } = await withGround(() => 'failed');
    const error = await make(type, 'main', args).catch((caught: unknown) => caught);
    const [thing] = cloud.things();
    expect(error).toMatchObject({
      message: 'waiting for EC2 Vpc (main) create: no room',
      partly: { id: thing?.id },
    });
    expect(cloud.ledger().map(({ outcome }) => outcome)).toEqual(['done', 'unwell']);
  });

  it('has what failed tried again by the next update', async () => {
    let state: 'failed' | 'ready' = 'failed';
    const { make, provider, cloud } = await withGround(() => state);
    await expect(make(type, 'main', args)).rejects.toThrow(/no room/);
    const [thing] = cloud.things();
    state = 'ready';
    const { inputs } = await Promise.resolve({ inputs: args });
    const again = provider.update({
      ...{ ...named(type, 'main'), id: thing?.id ?? '', olds: inputs, oldInputs: inputs, news: inputs },
      ...{ preview: false, timeoutSeconds: 0 },
    });
    await expect(again).resolves.toMatchObject(args);
  });

  it('fails when what stands cannot be taken away', async () => {
    let state: 'failed' | 'ready' = 'ready';
    const { make, provider } = await withGround(() => state);
    const made = await make(type, 'main', args);
    state = 'failed';
    const going = { ...named(type, 'main'), id: made.id, olds: made.properties, timeoutSeconds: 0 };
    await expect(provider.delete(going)).rejects.toThrow(/^waiting for EC2 Vpc \(vpc-.*\) delete: no room$/);
    state = 'ready';
    await expect(provider.delete(going)).resolves.toBeUndefined();
  });

  it('ends when the engine gives up, and keeps the thing', async () => {
    const { make } = await withGround(() => 'never');
    await expect(make(type, 'main', args)).rejects.toMatchObject({
      code: 'RequestCanceled',
      partly: expect.anything() as unknown,
    });
  });

  it('waits for nothing where the thing has no body', async () => {
    const { make, waits } = await withGround(() => 'ready');
    await make('aws:ssm/parameter:Parameter', 'p', { name: 'p', type: 'String', value: 'v' });
    expect(waits.filter((seconds) => seconds > 0)).toEqual([]);
  });
});
