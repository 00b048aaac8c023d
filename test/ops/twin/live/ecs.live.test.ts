import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processStartTime } from '@cutover/base/process-identity.ts';
import type { BodyKind, Ground } from '../../../../ops/twin/live/body.ts';
import { closeCompute, computeOf } from '../../../../ops/twin/live/compute.ts';
import { activeGroup } from '../../../../ops/twin/live/ecs/deployment.ts';
import { clusterBody } from '../../../../ops/twin/live/ecs/cluster.ts';
import { serviceBody } from '../../../../ops/twin/live/ecs/service.ts';
import { balancerBody } from '../../../../ops/twin/live/load-balancer/balancer.ts';
import { objectsAt } from '../../../../ops/twin/services/values.ts';
import {
  ask,
  blueArn,
  definition,
  greenArn,
  host,
  ruleArn,
  service,
  serviceArn,
  surroundings,
} from './compute-help.ts';
import { groundOn, liveCloud, place, until, type LiveCloud } from './ground-help.ts';

// A service of the beacon behind a load balancer: real processes, a real proxy with a certificate.
const kinds: readonly BodyKind[] = [clusterBody, serviceBody, balancerBody];
let live: LiveCloud;
let running: { readonly ground: Ground; stop(): Promise<void> };
let ca: Buffer;
beforeAll(async () => {
  live = liveCloud();
  running = await groundOn(live, kinds);
  ca = readFileSync(running.ground.authority.file);
  for (const thing of surroundings) expect(await live.put(thing)).toEqual({ kind: 'well' });
});
afterAll(async () => {
  await running.stop();
  await closeCompute(running.ground);
  await live.end();
});

const versionNow = async (): Promise<string> => {
  const { status, body } = await ask(live, ca, '/api/health');
  return status === 200 ? (JSON.parse(body) as { version: string }).version : `${status} ${body}`;
};
// In no order: who takes tasks over lists them as it finds them.
const pids = (): readonly number[] => {
  const body = live.bodies.find({ type: serviceBody.type, id: serviceArn, ...place });
  return (body?.processes ?? []).map(({ pid }) => pid).toSorted((a, b) => a - b);
};
const groupNow = (): string => {
  const actions = objectsAt(live.cloud.view().byArn(ruleArn)?.inputs ?? {}, 'actions');
  return activeGroup(
    { container: '', group: blueArn, turns: { other: greenArn, rules: [ruleArn] } },
    actions,
  );
};

describe('a service behind a load balancer', () => {
  it('is not there before it is there', async () => {
    expect(await ask(live, ca, '/')).toMatchObject({ status: 503 });
    expect(await ask(live, ca, '/', 'other.test')).toMatchObject({ status: 404, body: 'none' });
  });

  it('answers by its host when its call has ended', async () => {
    await live.put(definition(1, { SYSTEM: 'test', VERSION: '1.0.0' }));
    expect(await live.put(service(1))).toEqual({ kind: 'well' });
    expect(await versionNow()).toBe('1.0.0');
    expect(groupNow()).toBe(blueArn);
  });

  it('is rolled over to another definition without losing a request', async () => {
    const before = pids();
    let [sent, over] = [0, false];
    const lost: string[] = [];
    const seen = new Set<string>();
    const asking = (async () => {
      while (!over) {
        const version = await versionNow();
        sent++;
        seen.add(version);
        if (!/^\d\.0\.0$/.test(version)) lost.push(version);
        await sleep(5);
      }
    })();
    await live.put(definition(2, { SYSTEM: 'test', VERSION: '2.0.0' }));
    expect(await live.put(service(2))).toEqual({ kind: 'well' });
    expect(await versionNow()).toBe('2.0.0');
    over = true;
    await asking;
    expect(lost).toEqual([]);
    expect(sent).toBeGreaterThan(3);
    expect([...seen].sort()).toEqual(['1.0.0', '2.0.0']);
    expect(groupNow()).toBe(greenArn);
    expect(await Promise.all(before.map(processStartTime))).toEqual([undefined]);
  });

  it('stays as it was where a release does not start, and says so as ECS does', async () => {
    await live.put(definition(3, { VERSION: '3.0.0' }));
    const how = await live.put(service(3));
    expect(how).toMatchObject({ kind: 'unwell' });
    const why = how.kind === 'unwell' ? how.why : '';
    expect(why).toContain('deployment failed: ECS deployment circuit breaker: tasks failed to start.');
    expect(why).toContain('Essential container in task exited, exit code 2');
    expect(why).toContain('SYSTEM is not set');
    expect([await versionNow(), groupNow()]).toEqual(['2.0.0', greenArn]);
  });

  it('stays as it was where a release starts and never is well', async () => {
    // It answers, and says that what it needs is not there.
    await live.put(
      definition(
        4,
        { SYSTEM: 'test', VERSION: '4.0.0', PEERS: 'other=http://127.0.0.1:1/' },
        { essential: true },
      ),
    );
    const how = await live.put(service(4));
    const why = how.kind === 'unwell' ? how.why : '';
    expect(why).toMatch(/Task failed (container|ELB) health checks \(status 503\)/);
    expect(await versionNow()).toBe('2.0.0');
  }, 120_000);

  it('takes a release that does', async () => {
    await live.put(definition(5, { SYSTEM: 'test', VERSION: '5.0.0' }));
    expect(await live.put(service(5, 2))).toEqual({ kind: 'well' });
    expect([await versionNow(), pids().length, groupNow()]).toEqual(['5.0.0', 2, blueArn]);
  });

  it('makes good a task that dies', async () => {
    const [first = 0, second = 0] = pids();
    process.kill(first, 'SIGKILL');
    const after = await until(pids, (all) => all.length === 2 && !all.includes(first));
    expect(after).toContain(second);
    const states = await until(
      () =>
        computeOf(running.ground)
          .targets.of(blueArn)
          .map(({ state }) => state),
      (all) => all.length === 2 && all.every((state) => state === 'healthy'),
    );
    expect(states).toEqual(['healthy', 'healthy']);
    expect(await versionNow()).toBe('5.0.0');
  });

  it('is taken over by the next ground: the same processes, behind the same port', async () => {
    const [before, addresses] = [pids(), running.ground.addresses()];
    await running.stop();
    await closeCompute(running.ground);
    running = await groundOn(live, kinds);
    expect(await until(versionNow, (version) => version === '5.0.0')).toBe('5.0.0');
    expect([pids(), running.ground.addresses()]).toEqual([before, addresses]);
  });

  it('has one task less where less are wanted, and none when it is gone', async () => {
    expect(await live.put(service(5, 1))).toEqual({ kind: 'well' });
    expect([pids().length, await versionNow()]).toEqual([1, '5.0.0']);
    const left = pids();
    await live.take({ type: serviceBody.type, id: serviceArn, ...place });
    expect(await Promise.all(left.map(processStartTime))).toEqual([undefined]);
    expect((await ask(live, ca, '/', host)).status).toBe(503);
  });
});
