import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  judgeHttp,
  judgeRows,
  judgeValue,
  parsePath,
  rpcCalls,
  valueAt,
  type Expected,
} from '@cutover/delivery/plan/gate-expect.ts';

const answer = (status: number, body: string, headers: Record<string, string> = {}) => ({
  status,
  body,
  headers,
});

describe('what an HTTP answer must be', () => {
  it('takes any 2xx where no status is named', () => {
    expect(judgeHttp({}, answer(204, ''))).toBeUndefined();
    expect(judgeHttp({}, answer(301, ''))).toBe('expected status 200 to 299, got 301');
  });

  it('names the statuses that would have been right', () => {
    expect(judgeHttp({ status: [200, 401] }, answer(401, ''))).toBeUndefined();
    expect(judgeHttp({ status: [200, 401] }, answer(500, ''))).toBe('expected status 200 or 401, got 500');
  });

  it('reads headers in any case', () => {
    const given = answer(301, '', { location: 'https://x/' });
    expect(judgeHttp({ status: 301, headers: { Location: 'https://x/' } }, given)).toBeUndefined();
    expect(judgeHttp({ status: 301, headers: { Location: { matches: '^http:' } } }, given)).toBe(
      'expected header Location like /^http:/, got "https://x/"',
    );
  });

  it('looks for text in the body', () => {
    expect(judgeHttp({ bodyContains: 'Meta' }, answer(200, '<h1>Meta</h1>'))).toBeUndefined();
    expect(judgeHttp({ bodyContains: 'Meta' }, answer(200, 'oops'))).toBe(
      'expected a body that contains "Meta"',
    );
  });

  it('reads values of a JSON body by path', () => {
    const body = JSON.stringify({ status: 'healthy', dependencies: { database: 'unhealthy' } });
    expect(judgeHttp({ json: { status: 'healthy' } }, answer(200, body))).toBeUndefined();
    expect(judgeHttp({ json: { 'dependencies.database': 'healthy' } }, answer(200, body))).toBe(
      'expected dependencies.database "healthy", got "unhealthy"',
    );
    expect(judgeHttp({ json: { 'dependencies.cache': 'healthy' } }, answer(200, body))).toBe(
      'expected dependencies.cache "healthy", got nothing',
    );
  });

  it('says when a body is no JSON', () => {
    expect(judgeHttp({ json: { a: 1 } }, answer(200, '<html>'))).toBe('expected a JSON body');
  });
});

describe('a path into JSON', () => {
  it.each([
    ['a.b', ['a', 'b']],
    ['$.a.b', ['a', 'b']],
    ['checks[0].healthy', ['checks', '0', 'healthy']],
    ['["a.b"].c', ['a.b', 'c']],
    ['[2]', ['2']],
  ])('%s', (path, steps) => {
    expect(parsePath(path)).toEqual(steps);
  });

  it('finds what a document holds, and nothing that it inherits', () => {
    expect(valueAt({ checks: [{ healthy: true }] }, 'checks[0].healthy')).toBe(true);
    expect(valueAt({}, 'constructor')).toBeUndefined();
    expect(valueAt('text', 'length')).toBeUndefined();
  });

  it('finds any value by the path of its keys', () => {
    const key = fc.string({ minLength: 1 }).filter((text) => !text.includes('"'));
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 5 }), fc.jsonValue(), (keys, value) => {
        const document = keys.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
        const path = keys.map((name) => `["${name}"]`).join('');
        expect(valueAt(document, path)).toBe(value);
      }),
    );
  });
});

describe('what a value must be', () => {
  it.each<[Expected, unknown, boolean]>([
    ['ok', 'ok', true],
    ['ok', undefined, false],
    [5, '5', true],
    ['5', 5, false],
    [true, 'true', false],
    [null, null, true],
    [{ not: '0x' }, '0x60', true],
    [{ not: '0x' }, '0x', false],
    [{ not: '0x' }, undefined, false],
    [{ oneOf: ['active', 'paused'] }, 'paused', true],
    [{ oneOf: ['active', 'paused'] }, 'missing', false],
    [{ atLeast: 3 }, 3, true],
    [{ atLeast: 3 }, '2', false],
    [{ atLeast: 3 }, 'many', false],
    [{ atMost: 3 }, 4, false],
    [{ matches: '^v\\d+' }, 'v12', true],
    [{ matches: '^v\\d+' }, { v: 1 }, false],
  ])('%j against %j: %s', (expected, got, good) => {
    expect(judgeValue('x', expected, got) === undefined).toBe(good);
  });

  it('reads the large integers of a database', () => {
    expect(judgeValue('x', 5, 5n)).toBeUndefined();
    expect(judgeValue('x', 6, 5n)).toBe('expected x 6, got 5');
  });

  it('cuts long values in what it says', () => {
    expect(judgeValue('x', 'a', 'b'.repeat(500))?.length).toBeLessThan(120);
  });
});

describe('the calls of a JSON-RPC check', () => {
  const methods = (...args: Parameters<typeof rpcCalls>) => rpcCalls(...args).map(({ method }) => method);

  it('asks for the chain id where nothing is said', () => {
    expect(methods(undefined, undefined, {})).toEqual(['eth_chainId']);
  });

  it('asks for what is expected, chain first', () => {
    expect(methods('eth_getCode', ['0x0'], { chainId: 1, minBlock: 5, result: { not: '0x' } })).toEqual([
      'eth_chainId',
      'eth_blockNumber',
      'eth_getCode',
    ]);
    expect(methods('getHealth', undefined, { result: 'ok' })).toEqual(['getHealth']);
  });

  it('reads quantities in hex', () => {
    const [any] = rpcCalls(undefined, undefined, {});
    expect(any?.judge('0x1')).toBeUndefined();
    expect(any?.judge(null)).toBe('expected chain id of at least 1, got null');
    const [chain, block] = rpcCalls(undefined, undefined, { chainId: 31337, minBlock: 16 });
    expect(chain?.judge('0x7a69')).toBeUndefined();
    expect(chain?.judge('0x1')).toBe('expected chain id 31337, got 1');
    expect(block?.judge('0x10')).toBeUndefined();
    expect(block?.judge('0xf')).toBe('expected block of at least 16, got 15');
  });
});

describe('the rows of a query', () => {
  it('need one row where a value is expected', () => {
    expect(judgeRows({ value: 1 }, [])).toBe('expected at least 1 row(s), got 0');
    expect(judgeRows({ value: { atLeast: 2 } }, [['3']])).toBeUndefined();
    expect(judgeRows({}, [])).toBeUndefined();
    expect(judgeRows({ minRows: 2 }, [[1]])).toBe('expected at least 2 row(s), got 1');
  });
});
