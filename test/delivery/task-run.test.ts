import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrationOrder, planChecksum, readTaskLine, wayOf } from '@cutover/delivery/plan/migration-task.ts';
import { migrationDefaults } from '@cutover/delivery/plan/migration-inputs.ts';
import {
  endOf,
  logStream,
  planTask,
  taskMark,
  taskRunProblems,
  type SeenTask,
  type TaskRun,
} from '@cutover/delivery/plan/task-run.ts';
import { endOfLog, maskSecrets } from '@cutover/delivery/tasks/log-text.ts';

const run: TaskRun = {
  region: 'us-east-1',
  cluster: 'arn:aws:ecs:us-east-1:123456789012:cluster/cutover',
  taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/staging-migrate:3',
  container: 'migrate',
  subnets: ['subnet-1'],
  securityGroups: ['sg-1'],
  logGroup: 'log',
  logStreamPrefix: 'prefix',
};
const task = (more: Partial<SeenTask> = {}): SeenTask => ({
  arn: 'arn:aws:ecs:us-east-1:123456789012:task/cutover/1',
  startedBy: 'mark',
  status: 'STOPPED',
  createdAt: 1,
  reasons: [],
  ...more,
});

describe('what is done about an order', () => {
  it('follows what is underway, before all else', () => {
    const underway = task({ status: 'DEPROVISIONING', createdAt: 1 });
    const ended = task({ exitCode: 0, createdAt: 2 });
    expect(planTask('mark', [ended, underway])).toEqual({ kind: 'follow', task: underway });
  });

  it('takes what ended well, unless a later one failed', () => {
    const ended = task({ exitCode: 0, createdAt: 2 });
    expect(planTask('mark', [ended, task({ exitCode: 1, createdAt: 1 })])).toEqual({
      kind: 'done',
      task: ended,
    });
    expect(planTask('mark', [ended, task({ exitCode: 1, createdAt: 3 })]).kind).toBe('start');
  });

  it('knows nothing of the tasks of other orders', () => {
    expect(planTask('mark', [task({ startedBy: 'other', exitCode: 0 })])).toEqual(planTask('mark', []));
  });

  it('starts with the same token until a task of it has failed, and then with another', () => {
    const [first, again, later] = [
      planTask('mark', []),
      planTask('mark', []),
      planTask('mark', [task({ exitCode: 1 })]),
    ];
    expect(first).toEqual(again);
    expect(later).not.toEqual(first);
    for (const step of [first, later])
      expect(step).toMatchObject({ token: expect.stringMatching(/^[!-~]{1,64}$/) as string });
  });

  it('has marks that ECS takes and that differ for different orders', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (one, other) => {
        expect(taskMark(one)).toMatch(/^[a-z0-9-]{36}$/);
        expect(taskMark(one) === taskMark(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

describe('how a task ended', () => {
  it.each([
    [{ exitCode: 0 }, 'done', ''],
    [{ exitCode: 0, reasons: ['Essential container in task exited'] }, 'done', ''],
    [{ exitCode: 1, reasons: ['Essential container in task exited'] }, 'failed', ''],
    [
      { exitCode: 137, reasons: ['OutOfMemoryError: Container killed due to memory usage'] },
      'failed',
      'more memory',
    ],
    [
      { reasons: ['CannotPullContainerError: pull image manifest has been retried'] },
      'not-run',
      'the image is in its',
    ],
    [
      { reasons: ['ResourceInitializationError: unable to pull secrets or registry auth'] },
      'not-run',
      'every secret',
    ],
    [
      { reasons: ['ResourceInitializationError: failed to validate logger args: log group'] },
      'not-run',
      'log group is there',
    ],
    [
      { reasons: ['CannotStartContainerError: exec: "node": not found'] },
      'not-run',
      'holds what the task runs',
    ],
    [{ reasons: ['Capacity is unavailable at this time'] }, 'not-run', 'in some minutes'],
    [{ reasons: ['Task stopped by (arn:aws:iam::1:user/ann)'] }, 'not-run', 'Somebody stopped it'],
    [{ reasons: [] }, 'not-run', 'Look at the stopped task'],
  ])('%o is %s', (more, kind, fix) => {
    const end = endOf(task(more));
    expect(end.kind).toBe(kind);
    if (end.kind !== 'done') expect(end.fix).toContain(fix);
  });
});

describe('a place to run at', () => {
  it('is fine as a component gives it', () => {
    expect(taskRunProblems(run)).toEqual([]);
    expect(logStream(run, task().arn)).toBe('prefix/migrate/1');
  });

  it('is refused when parts of it are elsewhere or missing', () => {
    expect(taskRunProblems({ ...run, region: 'eu-west-1', securityGroups: [] })).toEqual([
      { property: 'runs.securityGroups', reason: 'is empty' },
      { property: 'runs.cluster', reason: 'is in us-east-1, and `runs.region` is eu-west-1' },
      { property: 'runs.taskDefinition', reason: 'is in us-east-1, and `runs.region` is eu-west-1' },
    ]);
    expect(taskRunProblems({ ...run, cluster: 'cutover' })).toEqual([
      { property: 'runs.cluster', reason: 'is no ARN of ECS: cutover' },
    ]);
  });
});

describe('what a task of migrations is told', () => {
  it('is the way, the target and what was planned, and nothing of the connection', () => {
    const database = { host: 'db.internal', port: 5432, database: 'app', user: 'owner', schema: 'app' };
    const inputs = { ...migrationDefaults, database, migrations: { a: 'sha256:1' }, directory: 'm' };
    const { command, environment } = migrationOrder(inputs, 'up');
    expect(command).toEqual([
      ...['node', 'services/migrate/main.ts', 'up', '--to', 'latest'],
      ...['--expect', planChecksum({ a: 'sha256:1' }), '--json'],
    ]);
    expect(JSON.parse(environment['MIGRATION_OPTIONS'] ?? '')).toMatchObject({
      schema: 'app',
      outOfOrder: 'refuse',
    });
    expect(JSON.stringify(environment)).not.toContain('db.internal');
  });

  it('goes down only where something known is beyond', () => {
    expect(wayOf({ a: '1', b: '2' }, { a: '1' })).toBe('up');
    expect(wayOf({ a: '1' }, { a: '1', b: '2' })).toBe('down');
  });

  it('has one checksum whatever the order of its names', () => {
    const names = fc.dictionary(fc.string(), fc.string());
    fc.assert(
      fc.property(names, (migrations) => {
        const turned = Object.fromEntries(Object.entries(migrations).reverse());
        expect(planChecksum(turned)).toBe(planChecksum(migrations));
        expect(planChecksum({ ...migrations, more: 'x' })).not.toBe(
          planChecksum({ ...migrations, more: 'y' }),
        );
      }),
    );
  });

  it('answers in lines, and what is no answer is shown as it is', () => {
    expect(readTaskLine('{"kind":"failed","message":"no"}')).toEqual({ kind: 'failed', message: 'no' });
    for (const line of ['node: not found', '{"kind":"done"}', '3', 'null', '{"kind":"failed"}']) {
      expect(readTaskLine(line)).toEqual({ kind: 'progress', line });
    }
  });
});

describe('a log that is shown', () => {
  it.each([
    ['connecting to postgres://owner:hunter2@db:5432/app', 'hunter2'],
    ['password=hunter2 is wrong', 'hunter2'],
    ['{"password": "hunter2"}', 'hunter2'],
    [`key ${'0xab'.padEnd(66, 'c')}`, '0xabc'],
    ['AKIAIOSFODNN7EXAMPLE was refused', 'AKIAIOSF'],
  ])('hides what looks secret: %s', (line, secret) => {
    expect(maskSecrets(line)).not.toContain(secret);
  });

  it('leaves the rest as it is', () => {
    const line = 'answer: relation "orders" does not exist (0002_fees.sql:2:8), sha256:' + 'a1'.repeat(32);
    expect(maskSecrets(line)).toBe(line);
    expect(endOfLog(['a', 'b\nc', 'd'], 2)).toBe('  b\n  c\n  d');
    expect(endOfLog([])).toContain('empty');
  });
});
