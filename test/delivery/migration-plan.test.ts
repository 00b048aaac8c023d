import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appliedAfter,
  filesUpTo,
  planMigrations,
  rehearsal,
  type AppliedMigration,
  type MigrationFile,
  type PlanRequest,
  type Step,
} from '@cutover/delivery/plan/migration.ts';

const names = ['0001_orders', '0002_fills', '0003_settlements', '0004_fees'];

function file(name: string, wayBack: MigrationFile['wayBack'] = 'yes'): MigrationFile {
  return { name, checksum: `sha256:${name}`, wayBack };
}

const files = names.map((name) => file(name));

function applied(...some: string[]): AppliedMigration[] {
  return some.map((name) => ({ name, checksum: `sha256:${name}` }));
}

function stepsOf(request: Partial<PlanRequest>): string[] {
  const plan = planMigrations({ files, applied: [], target: 'latest', ...request });
  if (plan.kind === 'refused') throw new Error(JSON.stringify(plan.problems));
  return plan.steps.map(
    ({ direction, name, again }) => `${direction} ${name}${again ? ` after ${again}` : ''}`,
  );
}

function problemsOf(request: Partial<PlanRequest>) {
  const plan = planMigrations({ files, applied: [], target: 'latest', ...request });
  return plan.kind === 'refused' ? plan.problems : [];
}

describe('a plan', () => {
  it('runs what is pending, in order', () => {
    expect(stepsOf({ applied: applied('0001_orders') })).toEqual([
      'up 0002_fills',
      'up 0003_settlements',
      'up 0004_fees',
    ]);
  });

  it('undoes what is beyond the target, last one first', () => {
    expect(stepsOf({ applied: applied(...names), target: '0002_fills' })).toEqual([
      'down 0004_fees',
      'down 0003_settlements',
    ]);
  });

  it('undoes everything for the target none', () => {
    expect(stepsOf({ applied: applied('0001_orders', '0002_fills'), target: 'none' })).toEqual([
      'down 0002_fills',
      'down 0001_orders',
    ]);
  });

  it('has nothing to do when the database is at the target', () => {
    expect(stepsOf({ applied: applied(...names) })).toEqual([]);
  });

  it('adopts what another tool has run, whose checksum nobody kept', () => {
    const plan = planMigrations({
      files,
      applied: [{ name: '0001_orders', checksum: undefined }],
      target: '0001_orders',
    });
    expect(plan).toEqual({ kind: 'ready', steps: [], adopt: [files[0]] });
  });
});

describe('a target', () => {
  it.each([
    ['0002_fills', '0002_fills'],
    ['0002', '0002_fills'],
  ])('%s is %s', (target, last) => {
    const found = filesUpTo(files, target);
    expect(found.kind === 'known' && found.files.at(-1)?.name).toBe(last);
  });

  it('may be the number and a part, as a rollback command gives it', () => {
    const some = ['20250615_001_holdings.js', '20250615_002_fees.js'].map((name) => file(name));
    const found = filesUpTo(some, '20250615_001');
    expect(found.kind === 'known' && found.files.length).toBe(1);
    expect(filesUpTo(some, '20250615')).toEqual({
      kind: 'unknown',
      candidates: some.map(({ name }) => name),
    });
  });

  it('that is not there is refused with what is there', () => {
    expect(problemsOf({ target: '0009_x' })).toEqual([
      { kind: 'target', target: '0009_x', candidates: names },
    ]);
    expect(problemsOf({ target: '0002_fil' })).toHaveLength(1);
  });
});

describe('what is refused', () => {
  it('an edited migration, with both checksums', () => {
    const history = [{ name: '0001_orders', checksum: 'sha256:old' }];
    expect(problemsOf({ applied: history })).toEqual([
      { kind: 'edited', name: '0001_orders', recorded: 'sha256:old', found: 'sha256:0001_orders' },
    ]);
  });

  it('but not one whose edit was accepted; its new checksum is recorded', () => {
    const plan = planMigrations({
      files,
      applied: [...applied(...names.slice(1)), { name: '0001_orders', checksum: 'sha256:old' }],
      target: 'latest',
      acceptEdited: { '0001_orders': 'sha256:0001_orders' },
    });
    expect(plan).toEqual({ kind: 'ready', steps: [], adopt: [files[0]] });
  });

  it('a removed migration, also one that would only have to be undone', () => {
    expect(problemsOf({ applied: applied('0000_gone', '0001_orders'), target: 'none' })).toEqual([
      { kind: 'removed', name: '0000_gone', recorded: 'sha256:0000_gone' },
    ]);
  });

  it('a new one before one that has run, unless that is allowed', () => {
    const history = applied('0001_orders', '0003_settlements');
    expect(problemsOf({ applied: history })).toEqual([
      { kind: 'order', name: '0002_fills', applied: '0003_settlements' },
    ]);
    expect(stepsOf({ applied: history, outOfOrder: 'allow' })).toEqual(['up 0002_fills', 'up 0004_fees']);
  });

  it('but not when what has run after it is undone first', () => {
    const history = applied('0001_orders', '0003_settlements');
    expect(stepsOf({ applied: history, target: '0002_fills' })).toEqual([
      'down 0003_settlements',
      'up 0002_fills',
    ]);
  });

  it('going back over one without a way back', () => {
    const some = [file('0001_orders'), file('0002_fills', 'none'), file('0003_settlements')];
    const request = { files: some, applied: applied('0001_orders', '0002_fills', '0003_settlements') };
    expect(problemsOf({ ...request, target: '0001_orders' })).toEqual([
      { kind: 'irreversible', name: '0002_fills' },
    ]);
    expect(stepsOf({ ...request, target: '0002_fills' })).toEqual(['down 0003_settlements']);
  });
});

describe('a migration that was begun and did not end', () => {
  const begun = (name: string, direction: 'up' | 'down') => ({
    interrupted: { name, direction, by: 'pid 1' },
  });

  it('is run again', () => {
    expect(
      stepsOf({ applied: applied('0001_orders'), target: '0002', ...begun('0002_fills', 'up') }),
    ).toEqual(['up 0002_fills after up']);
  });

  it('is undone when the target is before it, although it does not count as run', () => {
    expect(
      stepsOf({ applied: applied('0001_orders'), target: '0001', ...begun('0002_fills', 'up') }),
    ).toEqual(['down 0002_fills after up']);
  });

  it('is run again when its undoing was begun and the target wants it', () => {
    const history = applied('0001_orders', '0002_fills');
    expect(stepsOf({ applied: history, target: '0002', ...begun('0002_fills', 'down') })).toEqual([
      'up 0002_fills after down',
    ]);
    expect(stepsOf({ applied: history, target: '0001', ...begun('0002_fills', 'down') })).toEqual([
      'down 0002_fills after down',
    ]);
  });
});

describe('a rehearsal', () => {
  const up = (name: string): Step => ({ direction: 'up', name, checksum: `sha256:${name}` });
  const text = (steps: readonly Step[]) => steps.map(({ direction, name }) => `${direction} ${name}`);

  it('goes there, back, and there again', () => {
    const { forward, back, again } = rehearsal(
      [up('0001_orders'), up('0002_fills')],
      files,
      'there-and-back',
    );
    expect([forward, back, again].map(text)).toEqual([
      ['up 0001_orders', 'up 0002_fills'],
      ['down 0002_fills', 'down 0001_orders'],
      ['up 0001_orders', 'up 0002_fills'],
    ]);
  });

  it('goes back as far as there is a way', () => {
    const some = [file('0001_orders'), file('0002_fills', 'none'), file('0003_settlements')];
    const { back, again } = rehearsal(
      some.map(({ name }) => up(name)),
      some,
      'there-and-back',
    );
    expect([back, again].map(text)).toEqual([['down 0003_settlements'], ['up 0003_settlements']]);
  });

  it('may go there only', () => {
    expect(rehearsal([up('0001_orders')], files, 'there').back).toEqual([]);
  });
});

describe('any sequence of targets', () => {
  const folder = fc
    .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 })
    .map((numbers) =>
      numbers.toSorted((a, b) => a - b).map((number) => file(`${String(number).padStart(4, '0')}_m`)),
    );
  const walk = fc.tuple(folder, fc.array(fc.nat(), { minLength: 1, maxLength: 12 }));

  it('is reached, step by legal step', () => {
    fc.assert(
      fc.property(walk, ([all, picks]) => {
        let done: string[] = [];
        for (const pick of picks) {
          const target =
            ['none', 'latest', ...all.map(({ name }) => name)][pick % (all.length + 2)] ?? 'none';
          const plan = planMigrations({ files: all, applied: applied(...done), target });
          if (plan.kind === 'refused') throw new Error('refused');
          for (const step of plan.steps) {
            // Up only what is not there, down only the last one.
            if (step.direction === 'up') expect(done).not.toContain(step.name);
            else expect(done.toSorted().at(-1)).toBe(step.name);
            done = appliedAfter(done, [step]);
          }
          const wanted = filesUpTo(all, target);
          expect(done.toSorted()).toEqual(
            wanted.kind === 'known' ? wanted.files.map(({ name }) => name) : [],
          );
          expect(planMigrations({ files: all, applied: applied(...done), target })).toMatchObject({
            steps: [],
          });
        }
      }),
    );
  });

  it('from any history, holes in it included, is reached or refused for its order', () => {
    fc.assert(
      fc.property(folder, fc.infiniteStream(fc.boolean()), fc.nat(), (all, has, pick) => {
        const history = all.filter(() => has.next().value).map(({ name }) => name);
        const target = all[pick % all.length]?.name ?? 'latest';
        const request = { files: all, applied: applied(...history), target };
        const plan = planMigrations({ ...request, outOfOrder: 'allow' });
        if (plan.kind === 'refused') throw new Error('refused');
        const wanted = filesUpTo(all, target);
        const reached = appliedAfter(history, plan.steps).toSorted();
        expect(reached).toEqual(wanted.kind === 'known' ? wanted.files.map(({ name }) => name) : []);
        const strict = planMigrations(request);
        if (strict.kind === 'ready') expect(strict.steps).toEqual(plan.steps);
        else expect(strict.problems.every(({ kind }) => kind === 'order')).toBe(true);
      }),
    );
  });

  it('any edited or removed file is refused, whatever the target', () => {
    fc.assert(
      fc.property(folder, fc.nat(), fc.nat(), fc.boolean(), (all, pick, towards, removed) => {
        const victim = all[pick % all.length];
        const now = removed
          ? all.filter((each) => each !== victim)
          : all.map((each) => (each === victim ? { ...each, checksum: 'sha256:edited' } : each));
        const target =
          [...now.map(({ name }) => name), 'latest', 'none'][towards % (now.length + 2)] ?? 'none';
        const plan = planMigrations({ files: now, applied: applied(...all.map(({ name }) => name)), target });
        expect(plan).toMatchObject({
          kind: 'refused',
          problems: [{ kind: removed ? 'removed' : 'edited', name: victim?.name }],
        });
      }),
    );
  });
});
