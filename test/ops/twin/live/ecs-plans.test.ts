import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import type { Thing, Values } from '../../../../ops/twin/kind.ts';
import {
  activeGroup,
  backOffSeconds,
  failuresAllowed,
  groupBeside,
  planOf,
  repairsOf,
  withAllWeightOn,
} from '../../../../ops/twin/live/ecs/deployment.ts';
import { imageOf, readImage, repositoryOf } from '../../../../ops/twin/live/ecs/image.ts';
import { healthCheckOf, programOf, type ProgramFacts } from '../../../../ops/twin/live/ecs/program.ts';
import { readSource } from '../../../../ops/twin/live/ecs/secrets.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const api = `123456789012.dkr.ecr.us-east-1.amazonaws.com/staging/coinestate-api@${digest}`;

describe('an image', () => {
  it('is found by the name of its repository', () => {
    expect([repositoryOf(api), repositoryOf('localhost:5000/a/b:1.2'), repositoryOf('beacon')]).toEqual([
      ...['coinestate-api', 'b', 'beacon'],
    ]);
    expect(imageOf(api)).toMatchObject({
      command: ['node', 'services/beacon/main.ts'],
      workingFolder: '/app',
    });
    expect([imageOf('a/nobody-has-it'), imageOf('..')]).toEqual([undefined, undefined]);
  });

  it('is what the last stage of its Dockerfile says', () => {
    const text = readFileSync(join(projectRoot, 'services', 'beacon', 'Dockerfile'), 'utf8');
    expect(readImage(text).environment).toEqual({ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '3000' });
    const stages = 'FROM a AS b\nENV X=1\nCMD ["first"]\nFROM a\nENV Y="2" \\\n  Z=3\nENTRYPOINT ["init"]\n';
    expect(readImage(stages)).toEqual({
      ...{ command: [], entryPoint: ['init'], environment: { Y: '2', Z: '3' }, workingFolder: '/' },
    });
  });
});

describe('the local command of a container', () => {
  const facts = (container: ProgramFacts['container'], more: Partial<ProgramFacts> = {}): ProgramFacts => ({
    container: { name: 'api', image: api, ...container },
    ...{ secrets: {}, localPort: 4321, authorityFile: '/twin/ca.pem', ...more },
  });

  it('is that of the image, in the project, on a port of this machine', () => {
    const { file, args, environment, workingFolder } = programOf(
      facts({
        environment: [
          { name: 'PORT', value: '8080' },
          { name: 'DATABASE_URL', value: 'postgres://o@db:5432/a?sslrootcert=/app/rds-ca.pem' },
        ],
      }),
    );
    expect([file, args, workingFolder]).toEqual([process.execPath, ['services/beacon/main.ts'], projectRoot]);
    expect(environment).toMatchObject({
      ...{ NODE_ENV: 'production', PORT: '4321', HOST: '127.0.0.1' },
      DATABASE_URL: 'postgres://o@db:5432/a?sslrootcert=/twin/ca.pem',
    });
  });

  it('is changed by its definition, and that by the task', () => {
    const container = { command: ['node', 'a.ts'], environment: [{ name: 'A', value: 'definition' }] };
    expect(programOf(facts(container)).args).toEqual(['a.ts']);
    const override = {
      name: 'api',
      command: ['node', 'b.ts', 'up'],
      environment: [{ name: 'A', value: 'task' }],
    };
    const program = programOf(facts(container, { override, localPort: undefined }));
    expect([program.args, program.environment['A'], program.environment['PORT']]).toEqual([
      ...[['b.ts', 'up'], 'task', '3000'],
    ]);
  });

  it('is refused in the words of ECS where there is no such image', () => {
    expect(() => programOf(facts({ image: `a/nobody-has-it@${digest}` }))).toThrow(
      /^CannotPullContainerError: .*not found/,
    );
  });

  it.each([
    [
      ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/health'],
      { kind: 'ask', path: '/health' },
    ],
    [['CMD-SHELL', 'curl -f http://localhost:8080/ || exit 1'], { kind: 'ask', path: '/' }],
    [['CMD', 'node', 'health.js'], { kind: 'run', file: process.execPath, args: ['health.js'] }],
    [['CMD-SHELL', 'test -f /tmp/up'], { kind: 'run', file: '/bin/sh', args: ['-c', 'test -f /tmp/up'] }],
    [['NONE'], undefined],
  ])('asks how it is by %j', (command, check) => {
    expect(healthCheckOf({ healthCheck: { command } })).toEqual(check);
  });
});

describe('where a secret comes from', () => {
  it.each([
    [
      'arn:aws:ssm:us-east-1:123456789012:parameter/coinestate/jwt',
      { kind: 'parameter', name: '/coinestate/jwt', region: 'us-east-1' },
    ],
    ['/coinestate/jwt', { kind: 'parameter', name: '/coinestate/jwt', region: undefined }],
    [
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf:password::',
      {
        ...{ kind: 'secret', arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf' },
        ...{ key: 'password', region: 'eu-west-1' },
      },
    ],
    [
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:plain-AbCdEf',
      {
        ...{ kind: 'secret', arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:plain-AbCdEf' },
        ...{ key: '', region: 'eu-west-1' },
      },
    ],
  ])('%s', (valueFrom, source) => {
    expect(readSource(valueFrom)).toEqual(source);
  });
});

describe('a release', () => {
  const rule = 'arn:rule';
  const balancer: Values = {
    ...{ containerName: 'api', containerPort: 8080, targetGroupArn: 'blue' },
    advancedConfiguration: { alternateTargetGroupArn: 'green', productionListenerRule: rule },
  };
  const service = (inputs: Values): Thing => ({
    ...{ type: '', id: 's', account: '', region: '', createdMs: 0, readyMs: 0, outputs: {} },
    inputs: { desiredCount: 2, loadBalancers: [balancer], ...inputs },
  });

  it('takes turns between two groups only where the service says so', () => {
    const rolling = planOf(service({}));
    expect([rolling.groups[0]?.turns, rolling.bakeSeconds]).toEqual([undefined, 0]);
    const turning = planOf(
      service({ deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: '5' } }),
    );
    expect(turning).toMatchObject({ desired: 2, bakeSeconds: 300 });
    expect(turning.groups).toEqual([
      { container: 'api', group: 'blue', turns: { other: 'green', rules: [rule] } },
    ]);
  });

  it('moves all weight at once, and knows where it is', () => {
    const group = { container: 'api', group: 'blue', turns: { other: 'green', rules: [rule] } };
    const actions: readonly Values[] = [
      {
        type: 'forward',
        forward: {
          targetGroups: [
            { arn: 'blue', weight: 100 },
            { arn: 'green', weight: 0 },
          ],
        },
      },
    ];
    expect(activeGroup(group, actions)).toBe('blue');
    const turned = withAllWeightOn(actions, 'green');
    expect(activeGroup(group, turned)).toBe('green');
    expect(activeGroup(group, withAllWeightOn(turned, 'blue'))).toBe('blue');
    expect(activeGroup(group, [])).toBe('blue');
    expect([groupBeside(group, 'blue'), groupBeside(group, 'green')]).toEqual(['green', 'blue']);
    expect(groupBeside(group, undefined)).toBeUndefined();
    expect(groupBeside({ ...group, turns: undefined }, 'blue')).toBe('blue');
  });

  it('is given up after three failures at least and two hundred at most, and waits longer each time', () => {
    expect([1, 6, 7, 100, 1000].map(failuresAllowed)).toEqual([3, 3, 4, 50, 200]);
    expect([0, 1, 2, 3, 20].map(backOffSeconds)).toEqual([0, 0.25, 0.5, 1, 30]);
  });
});

describe('repairs', () => {
  const tasks = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      status: fc.constantFrom('PENDING' as const, 'RUNNING' as const, 'STOPPED' as const),
      createdMs: fc.nat(),
    }),
    { selector: ({ id }) => id, maxLength: 8 },
  );

  it('leave as many well tasks as are wanted, and touch nothing else', () => {
    fc.assert(
      fc.property(tasks, fc.nat(5), fc.func(fc.boolean()), (all, desired, ill) => {
        const isIll = (id: string): boolean => ill(id);
        const { start, stop } = repairsOf(all, desired, isIll);
        const left = all.filter(({ id, status }) => status !== 'STOPPED' && !stop.includes(id));
        expect(left.length + start).toBe(desired);
        expect(left.some(({ id }) => isIll(id))).toBe(false);
        // Nothing that is well goes while something is started in its place.
        expect(start > 0 && stop.some((id) => !isIll(id))).toBe(false);
      }),
    );
  });
});
