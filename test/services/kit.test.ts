import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EnvironmentError, readSettings } from '@cutover/service-kit/environment.ts';
import { createLog, hider } from '@cutover/service-kit/log.ts';
import { createMetrics } from '@cutover/service-kit/metrics.ts';
import { clientAddress, clientKey, rateLimiter } from '@cutover/service-kit/rate-limit.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-kit-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the settings of a service', () => {
  it('come from variables, with fallbacks', () => {
    const { values } = readSettings(
      { NAME: 'x', PORT: '8080', DEBUG: 'on', EMPTY: '', LIST: 'a=1, b=2=3' },
      (from) => ({
        name: from.text('NAME'),
        port: from.integer('PORT', 1),
        debug: from.flag('DEBUG', false),
        empty: from.text('EMPTY', 'fallback'),
        list: from.pairs('LIST'),
        level: from.choice('LEVEL', ['info', 'debug'], 'info'),
        none: from.optional('NONE'),
      }),
    );
    expect(values).toEqual({
      name: 'x',
      port: 8080,
      debug: true,
      empty: 'fallback',
      list: [
        ['a', '1'],
        ['b', '2=3'],
      ],
      level: 'info',
      none: undefined,
    });
  });

  it('take a secret from a file, without its line end', () => {
    const file = join(folder, 'password');
    writeFileSync(file, 'hunter2\n');
    const { values, secrets } = readSettings({ PASSWORD_FILE: file }, (from) =>
      from.requiredSecret('PASSWORD'),
    );
    expect(values).toBe('hunter2');
    expect(secrets).toEqual(['hunter2']);
  });

  it('report everything that is wrong at once', () => {
    writeFileSync(join(folder, 'empty'), '\n');
    const env = {
      PORT: '99999',
      DEBUG: 'perhaps',
      LEVEL: 'loud',
      LIST: 'a,=b',
      A: 'a',
      A_FILE: 'a',
      B_FILE: join(folder, 'none'),
      C_FILE: join(folder, 'empty'),
    };
    const read = () =>
      readSettings(env, (from) => {
        from.text('NAME');
        from.integer('PORT', 1, 0, 65_535);
        from.flag('DEBUG', false);
        from.choice('LEVEL', ['info'], 'info');
        from.pairs('LIST');
        ['A', 'B', 'C', 'D'].forEach((name) => from.requiredSecret(name));
        from.refuse('something of its own');
      });
    expect(read).toThrow(EnvironmentError);
    try {
      read();
    } catch (error) {
      expect((error as EnvironmentError).problems).toEqual([
        'NAME is not set',
        'PORT is "99999", not a whole number from 0 to 65535',
        'DEBUG is "perhaps", neither on nor off',
        'LEVEL is "loud", none of info',
        'LIST has "a", not name=value',
        'LIST has "=b", not name=value',
        'A and A_FILE are both set; set one',
        `B_FILE names ${join(folder, 'none')}, which cannot be read (ENOENT)`,
        `C_FILE names ${join(folder, 'empty')}, which is empty`,
        'neither D nor D_FILE is set',
        'something of its own',
      ]);
    }
  });
});

describe('a log', () => {
  it('is one JSON object a line, and never holds a secret', () => {
    const lines: string[] = [];
    const secrets = ['pa"ss/word', 'key-123'];
    const log = createLog(
      { system: 'godark', service: 'api', level: 'info', secrets },
      { write: (line) => void lines.push(line) },
    );
    log.info({ url: 'http://x/key-123' }, 'using pa"ss/word');
    log.error({ err: new Error('cannot sign in with pa"ss/word') }, 'failed');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ system: 'godark', service: 'api' });
      expect(line).not.toMatch(/key-123|ss.?\/word/);
    }
  });

  it('hides the longer secret first', () => {
    expect(hider(['abc', 'abcdef'])('x abcdef y abc')).toBe('x *** y ***');
  });
});

describe('the rate limit', () => {
  it('lets the agreed number through in a minute, then as many as time has freed', () => {
    const allow = rateLimiter({ windowMs: 60_000, maxRequests: 60 });
    const at = (now: number) => allow('a', now).allowed;
    expect(Array.from({ length: 60 }, () => at(0)).every(Boolean)).toBe(true);
    expect(at(59_999)).toBe(false);
    expect(at(60_000)).toBe(false);
    expect(at(61_001)).toBe(true);
    expect(at(61_002)).toBe(false);
    expect(at(180_000)).toBe(true);
  });

  it('counts each client alone', () => {
    const allow = rateLimiter({ windowMs: 1000, maxRequests: 1 });
    expect([allow('a', 0), allow('b', 0), allow('a', 1)].map(({ allowed }) => allowed)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('forgets the client not seen for longest', () => {
    const allow = rateLimiter({ windowMs: 1000, maxRequests: 1, maxClients: 2 });
    ['a', 'b', 'c'].forEach((client) => allow(client, 0));
    expect(allow('a', 1).allowed).toBe(true);
    expect(allow('c', 1).allowed).toBe(false);
  });

  it('never lets more through within one window than agreed, however requests come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(400), { minLength: 1, maxLength: 200 }),
        (maxRequests, gaps) => {
          const allow = rateLimiter({ windowMs: 1000, maxRequests });
          let now = 0;
          const passed: number[] = [];
          for (const gap of gaps) {
            now += gap;
            if (allow('a', now).allowed) passed.push(now);
          }
          const inWindow = (start: number) =>
            passed.filter((at) => Math.floor(at / 1000) === Math.floor(start / 1000)).length;
          expect(Math.max(0, ...passed.map(inWindow))).toBeLessThanOrEqual(maxRequests);
        },
      ),
    );
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:0:1:aaaa::1', '2001:db8:0:1::/64'],
    ['2001:db8:0:1::2', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('counts %s as %s', (address, key) => {
    expect(clientKey(address)).toBe(key);
  });

  it('believes only its own proxies about the client', () => {
    expect(clientAddress('10.0.0.9', '1.1.1.1, 2.2.2.2', 0)).toBe('10.0.0.9');
    expect(clientAddress('10.0.0.9', '1.1.1.1, 2.2.2.2', 1)).toBe('2.2.2.2');
    expect(clientAddress('10.0.0.9', '1.1.1.1, 2.2.2.2', 2)).toBe('1.1.1.1');
    expect(clientAddress('10.0.0.9', undefined, 1)).toBe('10.0.0.9');
    expect(clientAddress(undefined, '', 0)).toBe('unknown');
  });
});

describe('the metrics', () => {
  it('count by route, never by what a client made up', async () => {
    const metrics = createMetrics({ system: 'x', service: 'api', version: '1' });
    metrics.answered({ method: 'GET', route: '/health', status: 200, seconds: 0.01 });
    metrics.answered({ method: 'BREW', route: 'other', status: 500, seconds: 0.01 });
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/api_requests_total\{method="GET",route="\/health",status="200",system="x".*\} 1/);
    expect(text).toMatch(/api_errors_total\{method="other",route="other",status="500".*\} 1/);
  });
});

describe('a secret URL', () => {
  it('hides its parts too', () => {
    const env = { URL: 'mongodb://app:pa%2Fss@db/x', RPC: 'https://node/v2/AbCdEfGhIjKlMnOpQr?x=1' };
    const { secrets } = readSettings(env, (from) => [from.secret('URL'), from.secret('RPC')]);
    expect(secrets).toEqual([env.URL, 'pa/ss', env.RPC, 'AbCdEfGhIjKlMnOpQr']);
  });
});
