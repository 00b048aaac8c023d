import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  demandOf,
  isOpen,
  lengthOf,
  losses,
  previewOf,
  protectionOf,
  statefulTypes,
} from '../../../ops/protection/plan.ts';

const line = (text: string): string[] => text.split(' ');

describe('what is protected', () => {
  it.each([
    ['prod', 'prod', 'locked'],
    ['prod', 'staging', 'locked'],
    ['prod', undefined, 'locked'],
    ['prod-eu', 'prod', 'locked'],
    ['staging', 'staging', 'none'],
    ['dev', 'dev', 'none'],
    ['dev', undefined, 'none'],
  ])('%s of environment %s is %s', (stack, environment, expected) => {
    expect(protectionOf(stack, environment)).toBe(expected);
  });
});

describe('what a command line of the CLI may do', () => {
  it.each([
    ['destroy -s prod', 'destroys'],
    ['destroy --yes --skip-preview -s prod', 'destroys'],
    ['-s prod destroy', 'destroys'],
    ['-e destroy -s prod', 'destroys'],
    ['--color never dn', 'destroys'],
    ['-C /tmp down -s=prod', 'destroys'],
    ['watch -s prod', 'destroys'],
    ['stack rm prod --force', 'destroys'],
    ['stack -s prod import --file x', 'destroys'],
    ['state delete urn:x -s prod', 'destroys'],
    ['state unprotect --all -s prod', 'destroys'],
    ['state edit', 'destroys'],
    ['up -s prod', 'updates'],
    ['update --target urn:x', 'updates'],
    ['preview -s prod', 'harmless'],
    ['refresh -s prod', 'harmless'],
    ['stack output -s prod', 'harmless'],
    ['stack select destroy', 'harmless'],
    ['config set x destroy', 'harmless'],
    ['destroy --help', 'harmless'],
    ['destroy --preview-only -s prod', 'harmless'],
    ['preview -- destroy', 'harmless'],
  ])('%s: %s', (text, demand) => {
    expect(demandOf(line(text))).toBe(demand);
  });

  it('is the same wherever the stack is named', () => {
    const command = fc.constantFrom('destroy', 'up', 'preview', 'watch');
    const flags = fc.subarray([
      '--yes',
      '-s prod',
      '--stack prod',
      '--stack=prod',
      '-m note',
      '--color never',
      '-d',
    ]);
    fc.assert(
      fc.property(command, flags, fc.nat(), (word, given, at) => {
        const before = given.slice(0, at % (given.length + 1)).flatMap(line);
        const after = given.slice(at % (given.length + 1)).flatMap(line);
        expect(demandOf([...before, word, ...after])).toBe(demandOf([word]));
      }),
    );
  });
});

describe('the preview before an update', () => {
  it('looks at the same update, and asks nothing', () => {
    expect(
      previewOf(line('-s prod up --yes -f -y -yf --skip-preview --target urn:x -m note --json -- arg')),
    ).toEqual(line('preview -s prod --target urn:x -m note --json --non-interactive'));
  });
});

describe('what an update would lose', () => {
  const urn = (type: string, name: string): string =>
    `urn:pulumi:prod::cutover::cutover:aws:Postgres$${type}::${name}`;
  const database = urn('aws:rds/instance:Instance', 'orders');

  it.each(['delete', 'replace', 'create-replacement', 'delete-replaced', 'discard-replaced'])(
    'is a database at %s, once',
    (op) => {
      const step = { op, urn: database, oldState: { type: 'aws:rds/instance:Instance' } };
      expect(losses([step, step])).toEqual([database]);
      expect(losses([{ op, urn: database }])).toEqual([database]);
    },
  );

  it.each(['same', 'create', 'update', 'refresh', 'read'])('is nothing at %s', (op) => {
    expect(losses([{ op, urn: database }])).toEqual([]);
  });

  it('is nothing where something is deleted that can be made again', () => {
    expect(losses([{ op: 'delete', urn: urn('aws:ecs/service:Service', 'api') }])).toEqual([]);
  });

  it('is named for every type that holds something', () => {
    for (const type of statefulTypes) expect(losses([{ op: 'delete', urn: urn(type, 'x') }])).toHaveLength(1);
  });
});

describe('the lock', () => {
  const at = '2030-01-01T00:00:00.000Z';
  const now = Date.parse(at) + 60_000;
  const unlocked = { stack: 'prod', by: 'ada', reason: 'INC-12', at, until: '2030-01-01T02:00:00.000Z' };

  it('is open until its time is over, and for its stack alone', () => {
    expect(isOpen(unlocked, 'prod', now)).toBe(true);
    expect(isOpen(unlocked, 'prod', Date.parse(unlocked.until))).toBe(false);
    expect(isOpen(unlocked, 'prod-eu', now)).toBe(false);
    expect(isOpen(undefined, 'prod', now)).toBe(false);
  });

  it.each(['', 'never', '9999-01-01T00:00:00.000Z'])('is shut where the end is %j', (until) => {
    expect(isOpen({ ...unlocked, until }, 'prod', now)).toBe(false);
  });

  it('lasts no longer where the clock is set back: five minutes are between two machines, an hour is not', () => {
    expect(isOpen(unlocked, 'prod', Date.parse(at) - 4 * 60_000)).toBe(true);
    expect(isOpen(unlocked, 'prod', Date.parse(at) - 60 * 60_000)).toBe(false);
  });

  it.each([
    ['5m', 300_000],
    ['90m', 5_400_000],
    ['24h', 86_400_000],
  ])('opens for %s', (text, milliseconds) => {
    expect(lengthOf(text)).toBe(milliseconds);
  });

  it.each(['', '4m', '25h', '0h', '2d', '-1h', '1.5h', '1e9h', '2 h', '2h '])(
    'does not open for %j',
    (text) => {
      expect(() => lengthOf(text)).toThrow(/^CUT-5482/);
    },
  );
});
