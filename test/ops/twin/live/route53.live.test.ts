import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BodyKind } from '../../../../ops/twin/live/body.ts';
import { closeCompute } from '../../../../ops/twin/live/compute.ts';
import type { RunningGround } from '../../../../ops/twin/live/ground.ts';
import { healthCheckBody } from '../../../../ops/twin/live/route53/health.ts';
import { zoneBody } from '../../../../ops/twin/live/route53/zone.ts';
import type { Values } from '../../../../ops/twin/kind.ts';
import { account, groundOn, liveCloud, until, type LiveCloud } from './ground-help.ts';

// Two servers stand behind two names; a zone leads to one of them by health checks that really ask.
const toyBalancer: BodyKind = {
  type: 'aws:lb/loadBalancer:LoadBalancer',
  seconds: 60,
  digest: () => 'toy',
  bring: ({ inputs, outputs }) => {
    const localPort = Number(inputs['toyPort']);
    const addresses = [{ host: outputs['dnsName'] as string, port: 80, localPort }];
    return Promise.resolve({ processes: [], addresses, notes: {} });
  },
  remove: () => Promise.resolve(),
  alive: () => Promise.resolve(true),
};
const region = 'global';
const names = { us: 'us-1.us-east-1.elb.amazonaws.com', eu: 'eu-1.eu-west-1.elb.amazonaws.com' } as const;
type Side = keyof typeof names;
const status: Record<Side, number> = { us: 200, eu: 200 };
const ports: Record<Side, number> = { us: 0, eu: 0 };
const servers: Server[] = [];
let live: LiveCloud;
let running: RunningGround;
let resolver: Resolver;

const put = (type: string, id: string, inputs: Values, outputs: Values = {}): Promise<unknown> =>
  live.put({ type, id, region, inputs, outputs });
const check = (side: Side, inputs: Values = {}): Promise<unknown> =>
  put(healthCheckBody.type, `check-${side}`, {
    ...{
      type: 'HTTP',
      fqdn: `${side}.coinestate.test`,
      port: 80,
      resourcePath: '/health',
      failureThreshold: 2,
    },
    ...inputs,
  });
const record = (name: string, type: string, inputs: Values): Promise<unknown> =>
  put(
    'aws:route53/record:Record',
    [name, type, (inputs['setIdentifier'] ?? '') as string].join('_'),
    { zoneId: 'Z1', name, type, ...inputs },
    { fqdn: `${name}.coinestate.test` },
  );
const failover = (side: Side, role: string): Promise<unknown> =>
  record('api', 'A', {
    ...{ setIdentifier: side, healthCheckId: `check-${side}`, aliases: [{ name: names[side] }] },
    failoverRoutingPolicies: [{ type: role }],
  });

beforeAll(async () => {
  live = liveCloud();
  for (const side of ['us', 'eu'] as const) {
    const server = createServer((_, response) => {
      response.statusCode = status[side];
      response.end(side);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports[side] = (server.address() as AddressInfo).port;
  }
  running = await groundOn(live, [toyBalancer, healthCheckBody, zoneBody]);
  await put('aws:route53/zone:Zone', 'Z1', { name: 'coinestate.test' }, { zoneId: 'Z1' });
  for (const side of ['us', 'eu'] as const) {
    await put(toyBalancer.type, side, { toyPort: ports[side] }, { dnsName: names[side] });
    await record(side, 'A', { aliases: [{ name: `dualstack.${names[side]}` }] });
    await check(side);
  }
  await failover('us', 'PRIMARY');
  await failover('eu', 'SECONDARY');
  await record('www', 'CNAME', { records: ['api.coinestate.test'], ttl: 300 });
  await record('mail', 'MX', { records: ['10 mx.other.test'], ttl: 300 });
  await record('plain', 'A', { records: ['192.0.2.1', '192.0.2.2'], ttl: 300 });
  await record('note', 'TXT', { records: ['"one" "two"'], ttl: 300 });
  const zone = live.bodies.find({ type: zoneBody.type, id: 'Z1', account, region });
  resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([`127.0.0.1:${Number(zone?.notes['port'])}`]);
});
afterAll(async () => {
  await running.stop();
  await closeCompute(running.ground);
  for (const server of servers) server.close();
  await live.end();
});

/** Whose server a connection to a name reaches. */
const behind = (host: string): Side | undefined => {
  const local = running.ground.addresses().find((each) => each.host === host && each.port === 80)?.localPort;
  return (['us', 'eu'] as const).find((side) => ports[side] === local);
};
const leadsTo = (side: Side): Promise<Side | undefined> =>
  until(
    () => behind('api.coinestate.test'),
    (found) => found === side,
  );

describe('a zone', () => {
  it('answers questions of DNS', async () => {
    expect(await resolver.resolve4('api.coinestate.test')).toEqual(['127.0.0.1']);
    expect(await resolver.resolve4('plain.coinestate.test')).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(await resolver.resolveCname('www.coinestate.test')).toEqual(['api.coinestate.test']);
    expect(await resolver.resolve4('www.coinestate.test')).toEqual(['127.0.0.1']);
    expect(await resolver.resolveMx('mail.coinestate.test')).toMatchObject([
      { priority: 10, exchange: 'mx.other.test' },
    ]);
    expect(await resolver.resolveTxt('note.coinestate.test')).toEqual([['one', 'two']]);
    expect(await resolver.resolve4(names.us)).toEqual(['127.0.0.1']);
  });

  it('says what is not there, and what is not its own', async () => {
    await expect(resolver.resolve4('none.coinestate.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(resolver.resolve6('plain.coinestate.test')).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(resolver.resolve4('example.org')).rejects.toMatchObject({ code: 'EREFUSED' });
  });

  it('leads to the primary, to the secondary while that is ill, and back', async () => {
    expect(await leadsTo('us')).toBe('us');
    status.us = 503;
    expect(await leadsTo('eu')).toBe('eu');
    expect(behind('www.coinestate.test')).toBe('eu');
    expect(behind('us.coinestate.test')).toBe('us');
    status.us = 200;
    expect(await leadsTo('us')).toBe('us');
  });

  it('is turned by hand by an inverted check, not by one that is disabled', async () => {
    await check('us', { invertHealthcheck: true });
    expect(await leadsTo('eu')).toBe('eu');
    status.us = 503;
    await check('us', { disabled: true });
    expect(await leadsTo('us')).toBe('us');
    status.us = 200;
  });

  it('looks for a text where the check says so', async () => {
    await check('us', { type: 'HTTP_STR_MATCH', searchString: 'nobody' });
    expect(await leadsTo('eu')).toBe('eu');
    await check('us', { type: 'HTTP_STR_MATCH', searchString: 'us' });
    expect(await leadsTo('us')).toBe('us');
  });
});
