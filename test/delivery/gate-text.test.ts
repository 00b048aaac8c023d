import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import { checkName, checkTarget, printableUrl, secretsOf } from '@cutover/delivery/plan/gate-check.ts';
import { gateProblems } from '@cutover/delivery/plan/gate-inputs.ts';
import { firstLine, mask, seconds } from '@cutover/delivery/plan/gate-text.ts';

describe('what a gate says', () => {
  it('never holds a secret, however it is written', () => {
    const letters = fc.string({ minLength: 4, maxLength: 40, unit: fc.constantFrom(...'abcXYZ019+/=&% ') });
    fc.assert(
      fc.property(letters, fc.string(), fc.string(), (secret, before, after) => {
        const encoded = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
        for (const form of encoded) {
          expect(mask(`${before}${form}${after}`, [secret])).not.toContain(form);
        }
      }),
    );
  });

  it('hides the credentials of a URL that it was not told about', () => {
    expect(mask('connect postgres://app:hunter2@db:5432/x failed', [])).toBe(
      'connect postgres://***@db:5432/x failed',
    );
  });

  it('is said at once, also of a megabyte without a blank', () => {
    const started = performance.now();
    expect(mask('x'.repeat(1_000_000), [])).toHaveLength(1_000_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('keeps an answer to one line, short, and without control characters', () => {
    expect(firstLine('\n\n  \u001b[31mbad\u0007\r\nworse')).toBe('[31mbad');
    expect(firstLine('x'.repeat(1000))).toHaveLength(200);
    expect(firstLine('')).toBe('');
  });

  it.each([
    [420, '0.4 s'],
    [12_000, '12 s'],
    [185_000, '3 min 5 s'],
  ])('%i ms is %s', (ms, text) => {
    expect(seconds(ms)).toBe(text);
  });

  it('prints a URL without credentials, query and keys in its path', () => {
    expect(printableUrl('https://me:pw@eth.example/v2/AbCdEfGhIjKlMnOpQrStUvWxYz012345?key=1')).toBe(
      'https://eth.example/v2/…',
    );
    expect(printableUrl('http://127.0.0.1:3000/api/health')).toBe('http://127.0.0.1:3000/api/health');
  });
});

describe('a check', () => {
  it('is called what it is named, else by what it asks', () => {
    expect(checkName({ kind: 'tcp', host: '127.0.0.1', port: 5432, name: 'database' })).toBe('database');
    expect(checkName({ kind: 'tcp', host: '127.0.0.1', port: 5432 })).toBe('tcp 127.0.0.1:5432');
    expect(checkTarget({ kind: 'sql', database: { url: { kind: 'env', name: 'DB_URL' } } })).toBe(
      'env:DB_URL',
    );
  });

  it('lists its secrets', () => {
    const secret = { kind: 'env', name: 'TOKEN' } as const;
    expect(
      secretsOf({
        kind: 'http',
        url: 'http://x',
        headers: { a: 'plain', authorization: { secret, prefix: 'Bearer ' } },
      }),
    ).toEqual([secret]);
  });
});

describe('the inputs of a gate', () => {
  const paths = (inputs: Parameters<typeof gateProblems>[0]) =>
    gateProblems(inputs).map(({ property }) => property);

  it('are all checked at once', () => {
    expect(
      paths({
        timeoutSeconds: -1,
        intervalSeconds: 0,
        checks: [
          { kind: 'http', url: 'localhost:3000' },
          { kind: 'http', url: 'http://me:pw@localhost/' },
          { kind: 'tcp', host: 'a', port: 70_000 },
          { kind: 'http', url: 'http://x/', expect: { json: { a: { matches: '(' } } } },
          { kind: 'jsonRpc', url: 'http://x/', expect: { result: 1 } },
          { kind: 'smtp' } as never,
          { kind: 'tcp', host: 'a', port: 1 },
          { kind: 'tcp', host: 'a', port: 1 },
        ],
      }),
    ).toEqual([
      'timeoutSeconds',
      'intervalSeconds',
      'checks[0].url',
      'checks[1].url',
      'checks[2].port',
      'checks[3].expect.json.a',
      'checks[4].method',
      'checks[5].kind',
      'checks[7].name',
    ]);
  });

  it('need a check', () => {
    expect(paths({ checks: [] })).toEqual(['checks']);
  });

  it('may be unknown in a preview', () => {
    const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
    expect(paths({ checks: [{ kind: 'http', url: unknown }], timeoutSeconds: unknown as never })).toEqual([]);
  });
});

describe('the message of a gate that failed', () => {
  it('says where, what, the last answer and what to do', () => {
    const error = new CutoverError('CUT-4200', {
      system: 'meta-aggregator',
      tier: 'backend',
      check: 'health',
      target: 'GET http://127.0.0.1:3000/api/health',
      reason: 'expected status 200, got 503',
      answer: '503 {"status":"unhealthy"}',
      tried: '61 attempts in 60 s',
      look: 'Read .cutover/log. Run ./cutover status dev.',
    });
    expect(error.exit).toBe(3);
    expect(error.message).toMatchInlineSnapshot(`
      "CUT-4200 The gate after the backend of meta-aggregator stays shut: health is not healthy.
        asked: GET http://127.0.0.1:3000/api/health
        expected status 200, got 503
        last answer: 503 {"status":"unhealthy"}
        tried: 61 attempts in 60 s
        why: The update stops here. Nothing behind this gate was changed; what was live stays live.
        fix: Read .cutover/log. Run ./cutover status dev. Mend what the answer says, then run the same command again."
    `);
  });
});
