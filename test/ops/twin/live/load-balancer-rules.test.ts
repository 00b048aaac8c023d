import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Thing, Values } from '../../../../ops/twin/kind.ts';
import {
  actionFor,
  groupFor,
  redirectTo,
  type AskedOf,
} from '../../../../ops/twin/live/load-balancer/rules.ts';
import { isMatch, stateAfter, type TargetState } from '../../../../ops/twin/live/load-balancer/targets.ts';

const thing = (inputs: Values): Thing => ({
  ...{ type: '', id: '', account: '', region: '', createdMs: 0, readyMs: 0, outputs: {} },
  inputs,
});
const fixed = (body: string): Values => ({
  type: 'fixed-response',
  fixedResponse: { contentType: 'text/plain', messageBody: body, statusCode: '200' },
});
const listener = thing({ defaultActions: [fixed('default')] });
const rule = (priority: number, conditions: readonly Values[], body = `rule ${priority}`): Thing =>
  thing({ priority, conditions, actions: [fixed(body)] });
const asked = (given: Partial<AskedOf> & { readonly url?: string } = {}): AskedOf => {
  const { pathname, searchParams } = new URL(given.url ?? '/', 'http://any');
  return {
    ...{ method: 'GET', host: 'api.test', headers: {}, clientAddress: '127.0.0.1' },
    ...{ path: pathname, query: searchParams },
    ...given,
  };
};
const bodyOf = (rules: readonly Thing[], of: AskedOf): string => {
  const action = actionFor(listener, rules, of);
  return action.kind === 'fixed' ? action.body : action.kind;
};

describe('which rule a request meets', () => {
  it('is the one with the lowest number of those whose conditions are all met', () => {
    const rules = [
      rule(20, [{ hostHeader: { values: ['api.test'] } }]),
      rule(10, [{ hostHeader: { values: ['API.TEST'] } }, { pathPattern: { values: ['/v1/*'] } }]),
    ];
    expect(bodyOf(rules, asked({ url: '/v1/a' }))).toBe('rule 10');
    expect(bodyOf(rules, asked({ url: '/V1/a' }))).toBe('rule 20');
    expect(bodyOf(rules, asked({ host: 'other.test' }))).toBe('default');
  });

  it.each<[string, Values, Partial<AskedOf> & { url?: string }, boolean]>([
    ['a host below another', { hostHeader: { values: ['*.test'] } }, {}, true],
    ['a host with a dot that is none', { hostHeader: { values: ['api?test'] } }, {}, true],
    ['a pattern that is no regular expression', { hostHeader: { values: ['a.i.test'] } }, {}, false],
    ['a method', { httpRequestMethod: { values: ['POST'] } }, {}, false],
    [
      'a header',
      { httpHeader: { httpHeaderName: 'X-A', values: ['b*'] } },
      { headers: { 'x-a': 'BC' } },
      true,
    ],
    ['a query', { queryStrings: [{ key: 'v', value: '2' }] }, { url: '/?a=1&v=2' }, true],
    ['another query', { queryStrings: [{ key: 'v', value: '2' }] }, { url: '/?v=3' }, false],
    ['an address', { sourceIp: { values: ['127.0.0.0/8'] } }, {}, true],
    ['another address', { sourceIp: { values: ['10.0.0.0/8', '::/0'] } }, {}, false],
    ['a condition that nobody knows', { moonPhase: { values: ['full'] } }, {}, false],
  ])('%s', (_, condition, given, meets) => {
    expect(bodyOf([rule(1, [condition])], asked(given))).toBe(meets ? 'rule 1' : 'default');
  });

  it('does not answer what it does not play', () => {
    const login = thing({ defaultActions: [{ type: 'authenticate-oidc' }] });
    expect(actionFor(login, [], asked())).toEqual({ kind: 'not played', type: 'authenticate-oidc' });
  });
});

describe('a redirect', () => {
  it('keeps what it does not change, and names the port as ELB does', () => {
    const own = { protocol: 'HTTP', port: 80 };
    const to = (redirect: Values): string => redirectTo(redirect, asked({ url: '/a/b?c=d' }), own);
    expect(to({ protocol: 'HTTPS', port: '443' })).toBe('https://api.test:443/a/b?c=d');
    expect(to({ host: 'www.#{host}', path: '/new/#{path}', query: '' })).toBe(
      'http://www.api.test:80/new/a/b',
    );
  });
});

describe('the weight of groups', () => {
  it('decides how often each is taken, and one without weight never', () => {
    const weights = fc.array(fc.nat(999), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 0.999_999, noNaN: true }), (given, share) => {
        const groups = given.map((weight, index) => ({ arn: String(index), weight }));
        const all = given.reduce((a, b) => a + b, 0);
        const taken = groupFor(groups, share);
        if (all === 0) return taken === undefined;
        const before = given.slice(0, Number(taken)).reduce((a, b) => a + b, 0);
        return (given[Number(taken)] ?? 0) > 0 && share * all >= before - 1e-6;
      }),
    );
  });
});

describe('the health of a target', () => {
  it('needs one good answer at first, then as many as the thresholds say', () => {
    const thresholds = { healthyThreshold: 3, unhealthyThreshold: 2 };
    const after = (state: TargetState, row: number): TargetState => stateAfter(state, row, thresholds);
    expect([after('initial', 1), after('initial', -1), after('initial', -2)]).toEqual([
      ...['healthy', 'initial', 'unhealthy'],
    ]);
    expect([after('healthy', -1), after('healthy', -2)]).toEqual(['healthy', 'unhealthy']);
    expect([after('unhealthy', 2), after('unhealthy', 3)]).toEqual(['unhealthy', 'healthy']);
  });

  it('is told by the statuses of its matcher', () => {
    expect([isMatch('200', 200), isMatch('200,302', 302), isMatch('200-299', 204)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([isMatch('200', 204), isMatch('200-299', 300)]).toEqual([false, false]);
  });
});
