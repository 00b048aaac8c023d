import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { openBodies, type Bodies } from '../../../../ops/twin/live/bodies.ts';
import { gone } from '../../../../ops/twin/live/plan.ts';
import { settled } from '../../../../ops/twin/live/settled.ts';

const of = { type: 't', id: 'a', account: '1', region: 'r' };
const wanted = { ...of, createdMs: 1, digest: 'x' };
const stands = { processes: [], addresses: [{ host: 'a.aws', port: 1, localPort: 2 }], notes: {} };

function table(): Bodies {
  const folder = mkdtempSync(join(tmpdir(), 'bodies-'));
  const bodies = openBodies(folder);
  onTestFinished(() => {
    bodies.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return bodies;
}

/** A table with a ground that runs: this very process. */
async function tableWithGround(): Promise<Bodies> {
  const bodies = table();
  const started = (await processStartTime(process.pid)) ?? '';
  bodies.begin({ pid: process.pid, started }, [{ type: 't', seconds: 60 }]);
  return bodies;
}

describe('how far a body is after a call', () => {
  it('is told by a look at the cloud that has seen that call, and not by an earlier one', async () => {
    const bodies = await tableWithGround();
    bodies.look(5, { brought: [wanted], kept: [], removed: [] });
    bodies.put(of, { state: 'ready', digest: 'x', standing: stands });
    expect(bodies.progress(of, 5).kind).toBe('ready');
    expect(bodies.progress(of, 6).kind).toBe('pending');
    bodies.look(6, { brought: [], kept: [{ ...of, wanted: 'y' }], removed: [] });
    expect(bodies.progress(of, 6).kind).toBe('pending');
  });

  it('is nothing to wait for where there is to be none', async () => {
    const bodies = await tableWithGround();
    bodies.look(1, { brought: [], kept: [], removed: [] });
    expect(bodies.progress(of, 1)).toEqual({ kind: 'none' });
  });

  it('is pending again when somebody asks for what failed before, and failed when it was tried since', async () => {
    const bodies = await tableWithGround();
    bodies.look(1, { brought: [wanted], kept: [], removed: [] });
    bodies.put(of, { state: 'failed', why: 'no room', digest: 'x' });
    expect(bodies.progress(of, 1)).toEqual({ kind: 'failed', why: 'no room' });
    bodies.ask(of, 3);
    bodies.look(3, { brought: [], kept: [{ ...of, wanted: 'x' }], removed: [] });
    expect(bodies.progress(of, 3).kind).toBe('pending');
    bodies.look(3, { brought: [wanted], kept: [], removed: [] });
    bodies.put(of, { state: 'failed', why: 'still no room', digest: 'x' });
    expect(bodies.progress(of, 3)).toEqual({ kind: 'failed', why: 'still no room' });
  });

  it('keeps what stands when a change of it fails', async () => {
    const bodies = await tableWithGround();
    bodies.look(1, { brought: [wanted], kept: [], removed: [] });
    bodies.put(of, { state: 'ready', digest: 'x', standing: stands });
    bodies.look(2, { brought: [{ ...wanted, digest: 'y' }], kept: [], removed: [] });
    bodies.put(of, { state: 'failed', why: 'bad', digest: 'y' });
    expect(bodies.find(of)).toMatchObject({ state: 'failed', addresses: stands.addresses, digest: 'y' });
  });
});

describe('waiting for a body', () => {
  it('ends when it is ready, gone, or failed', async () => {
    const bodies = await tableWithGround();
    bodies.look(1, { brought: [wanted], kept: [], removed: [] });
    let waits = 0;
    const how = await settled(bodies, of, 1, () => {
      if (++waits === 3) bodies.put(of, { state: 'ready', digest: 'x', standing: stands });
      return Promise.resolve(true);
    });
    expect([how, waits]).toEqual([{ kind: 'well' }, 3]);
    bodies.look(2, { brought: [], kept: [], removed: [of] });
    const going = await settled(bodies, of, 2, () => {
      bodies.drop(of);
      return Promise.resolve(true);
    });
    expect(going).toEqual({ kind: 'well' });
    bodies.look(3, { brought: [wanted], kept: [], removed: [] });
    bodies.put(of, { state: 'failed', why: 'no room', digest: 'x' });
    expect(await settled(bodies, of, 3, () => Promise.resolve(true))).toEqual({
      kind: 'unwell',
      why: 'no room',
    });
  });

  it('says that a removal failed, and why', async () => {
    const bodies = await tableWithGround();
    bodies.look(1, { brought: [wanted], kept: [], removed: [] });
    bodies.look(2, { brought: [], kept: [], removed: [of] });
    bodies.put(of, { state: 'failed', why: 'disk full', digest: gone });
    expect(await settled(bodies, of, 2, () => Promise.resolve(true))).toMatchObject({ why: 'disk full' });
  });

  it('waits for nothing where things of the type have no bodies, once there was a ground', async () => {
    const bodies = await tableWithGround();
    const never = (): never => expect.unreachable('nothing is waited for');
    expect(await settled(bodies, { ...of, type: 'other' }, 1, never)).toEqual({ kind: 'well' });
  });

  it('ends when the engine gives up', async () => {
    const bodies = await tableWithGround();
    expect(await settled(bodies, of, 1, () => Promise.resolve(false))).toEqual({ kind: 'given up' });
  });
});
