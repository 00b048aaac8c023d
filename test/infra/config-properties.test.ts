import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import { readConfig, type CutoverConfig } from '../../infra/config.ts';
import { edited, leavesOf, listOf, refusalOf, stacks, valuesOf, type Values } from './config-kit.ts';

/** What reading gives: the configuration, or the one error that it may throw. */
function attempt(values: Values, stack: string): CutoverConfig | CutoverError {
  try {
    return readConfig(values, { stack });
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'CUT-1000') return error;
    throw error;
  }
}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
});
const blockName = fc.oneof(
  fc
    .constantFrom('environment', 'local', 'networks', 'signers', 'regions', 'gates', 'systems')
    .map((name) => `cutover:${name}`),
  fc.string(),
);

describe('reading a configuration', () => {
  it('answers garbage with CUT-1000, never with another error', () => {
    fc.assert(
      fc.property(
        fc.dictionary(blockName, fc.oneof(anything, fc.json()), { noNullPrototype: true }),
        fc.string(),
        (values, stack) => {
          expect(attempt(values, stack)).toBeInstanceOf(CutoverError);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('names the place of whatever was put where something else belongs', () => {
    const places = stacks.flatMap((stack) => leavesOf(valuesOf(stack)).map(([path]) => ({ stack, path })));
    // Nothing of these is right anywhere: no text, number, yes, block or list of the schema.
    const wrong = fc.constantFrom<unknown>(null, -1, Number.NaN, '\u0000', [[]], { '': 1 }, Symbol('x'), 10n);
    fc.assert(
      fc.property(fc.constantFrom(...places), wrong, ({ stack, path }, value) => {
        const list = listOf(refusalOf(edited(stack, { [path]: value }), stack));
        expect(list.split('\n').some((line) => line.startsWith(`  ${path}`))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('tells one mistake more when there is one more', () => {
    const numbers = leavesOf(valuesOf('prod')).filter(([, leaf]) => typeof leaf === 'number');
    const some = fc.uniqueArray(fc.constantFrom(...numbers.map(([path]) => path)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(some, (paths) => {
        const edits = Object.fromEntries(paths.map((path) => [path, 'x']));
        const list = listOf(refusalOf(edited('prod', edits), 'prod'));
        const told = list.split('\n').flatMap((line) => /^ {2}(cutover\S+)$/.exec(line)?.[1] ?? []);
        expect([...told].sort()).toEqual([...paths].sort());
      }),
      { numRuns: 100 },
    );
  });

  it('gives every number of a valid file back as it was, and reads its own answer again', () => {
    const some = fc.record({
      'gates.timeoutSeconds': fc.integer({ min: 100, max: 86_400 }),
      'gates.holdSeconds': fc.integer({ min: 0, max: 100 }),
      'networks.ethereum.confirmations': fc.integer({ min: 1, max: 1000 }),
      'networks.ethereum.endpoints[0].weight': fc.integer({ min: 1, max: 100 }),
      'networks.ethereum.fees.ceilingGwei': fc.double({ min: 80, max: 100_000, noNaN: true }),
      'systems.godark.regions[0].cacheNodes': fc.integer({ min: 0, max: 100 }),
      'systems.godark.postgres.cpus': fc.double({ min: 0.25, max: 64, noNaN: true }),
      'systems.coinestate.regions[1].failover': fc.constantFrom('automatic', 'manual'),
      'systems.gemforce.features.marketplace.enabled': fc.boolean(),
      'systems.gemforce.parse.writes': fc.constantFrom('allowed', 'refused'),
    });
    fc.assert(
      fc.property(some, (edits) => {
        const values = edited('prod', edits);
        const config = readConfig(values, { stack: 'prod' });
        expect(
          Object.fromEntries(Object.entries(config).map(([name, block]) => [`cutover:${name}`, block])),
        ).toEqual(values);
        expect(readConfig(config as unknown as Values, { stack: 'prod' })).toEqual(config);
      }),
      { numRuns: 100 },
    );
  });

  it('moves every port by the offset, or tells that one would be too high', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), (portOffset) => {
        const result = attempt(edited('dev', { 'local.portOffset': portOffset }), 'dev');
        const before = attempt(valuesOf('dev'), 'dev') as CutoverConfig & { environment: 'dev' };
        const highest = Math.max(...Object.values(before.local.ports));
        expect(result instanceof CutoverError).toBe(highest + portOffset > 65_535);
        if (result instanceof CutoverError || result.environment !== 'dev') return;
        for (const [name, port] of Object.entries(result.local.ports)) {
          expect(port).toBe(before.local.ports[name as keyof typeof before.local.ports] + portOffset);
        }
      }),
      { numRuns: 60 },
    );
  });
});
