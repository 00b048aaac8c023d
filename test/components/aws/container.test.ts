import { describe, expect, it } from 'vitest';
import {
  containerDefinition,
  containerProblems,
  variableProblem,
  type ContainerArgs,
} from '../../../components/aws/container.ts';

const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/coinestate-api@sha256:${'a1'.repeat(32)}`;
const parameter = 'arn:aws:ssm:us-east-1:123456789012:parameter/coinestate/staging/jwt/secret';
const api: ContainerArgs = { image, port: 3000 };
const task = {
  size: { cpu: 512, memory: 1024 },
  exec: false,
  log: { group: 'coinestate-api', region: 'us-east-1' },
};

const problemsOf = (container: ContainerArgs): readonly string[] =>
  containerProblems(container).filter((problem) => problem !== undefined);

describe('a container', () => {
  it('runs as nobody in particular, with nothing that it can write but its folders', () => {
    expect(containerDefinition('coinestate-api', api, task)).toEqual({
      name: 'coinestate-api',
      image,
      essential: true,
      cpu: 512,
      memory: 1024,
      portMappings: [{ containerPort: 3000, hostPort: 3000, protocol: 'tcp' }],
      environment: [{ name: 'PORT', value: '3000' }],
      secrets: [],
      user: '10001:10001',
      readonlyRootFilesystem: true,
      linuxParameters: { capabilities: { drop: ['ALL'] }, initProcessEnabled: true },
      ulimits: [{ name: 'nofile', softLimit: 65_536, hardLimit: 65_536 }],
      mountPoints: [{ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false }],
      healthCheck: {
        command: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:3000/health'],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 60,
      },
      stopTimeout: 30,
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': 'coinestate-api',
          'awslogs-region': 'us-east-1',
          'awslogs-stream-prefix': 'coinestate-api',
          mode: 'non-blocking',
          'max-buffer-size': '25m',
        },
      },
    });
  });

  it('is the same whatever the order of its settings', () => {
    const one = { ...api, environment: { B: '2', A: '1' }, secrets: { Y: parameter, X: parameter } };
    const other = { ...api, environment: { A: '1', B: '2' }, secrets: { X: parameter, Y: parameter } };
    expect(JSON.stringify(containerDefinition('a', one, task))).toBe(
      JSON.stringify(containerDefinition('a', other, task)),
    );
  });

  it('keeps its root read-only with shells in it: only the folders of the agent are written', () => {
    const definition = containerDefinition('a', api, { ...task, exec: true });
    expect(definition.readonlyRootFilesystem).toBe(true);
    expect(definition.mountPoints.map(({ containerPath }) => containerPath)).toEqual([
      '/tmp',
      '/var/lib/amazon',
      '/var/log/amazon',
    ]);
  });

  it('runs its own check where it has no port', () => {
    const worker: ContainerArgs = { image, health: { command: ['CMD', 'node', 'health.js'] } };
    const definition = containerDefinition('worker', worker, task);
    expect(definition.healthCheck?.command).toEqual(['CMD', 'node', 'health.js']);
    expect(definition.portMappings).toBeUndefined();
    expect(problemsOf(worker)).toEqual([]);
  });
});

describe('a container that is described wrongly', () => {
  it('is fine when it is described well', () => {
    expect(
      problemsOf({ ...api, secrets: { JWT_SECRET: parameter }, writable: ['/tmp', '/var/cache'] }),
    ).toEqual([]);
  });

  it.each<[string, Partial<ContainerArgs>, RegExp]>([
    ['a tag', { image: 'coinestate-api:latest' }, /^image: .* names no digest/],
    ['a short digest', { image: 'api@sha256:abc' }, /^image: .* names no digest/],
    ['root', { user: 'root' }, /^user: "root" must be a user that is not root/],
    ['root by number', { user: '0:1000' }, /^user: "0:1000"/],
    ['root by many noughts', { user: '00' }, /^user: "00"/],
    ['nobody at all', { user: '' }, /^user: ""/],
    ['a port out of range', { port: 70_000 }, /^port: 70000 is not a whole number from 1 to 65535/],
    ['the whole root writable', { writable: ['/'] }, /^writable: "\/" is no folder/],
    ['a folder upwards', { writable: ['tmp'] }, /^writable: "tmp" is no folder/],
    ['a relative path of health', { health: { path: 'health' } }, /^health.path: "health" must begin/],
    ['a long stop', { stopSeconds: 121 }, /^stopSeconds: 121 is not a whole number from 1 to 120/],
    ['a secret by value', { secrets: { JWT_SECRET: 'hunter2' } }, /^secrets.JWT_SECRET: give the ARN/],
    [
      'a variable twice',
      { environment: { KEY: 'x' }, secrets: { KEY: parameter } },
      /^secrets.KEY: it is in environment too/,
    ],
  ])('is refused with %s', (_, wrong, message) => {
    const problems = problemsOf({ ...api, ...wrong });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it('is refused when nothing says that it is well', () => {
    expect(problemsOf({ image })).toEqual([expect.stringMatching(/^health.command: it has no port/)]);
  });
});

describe('a variable of the environment', () => {
  it.each([
    ['NETWORK', 'ethereum'],
    ['EVM_CONTRACTS', 'property_token=0x5FbDB2315678afecb367f032d93F642f64180aa3'],
    ['DATABASE_URL', 'postgres://owner@database.internal:5432/coinestate'.replace('owner@', '')],
    ['PROPERTY_TOKEN', '0x5FbDB2315678afecb367f032d93F642f64180aa3'],
    ['DATABASE_PASSWORD_FILE', '/run/secrets/password'],
    ['KEY_FILE', 'key'],
  ])('%s=%s may be there', (key, value) => {
    expect(variableProblem(key, value)).toBeUndefined();
  });

  it.each([
    ['DATABASE_PASSWORD', 'x'],
    ['JWT_SECRET', 'x'],
    ['KYC_PROVIDER_API_KEY', 'x'],
    ['GITHUB_ACCESS_TOKEN', 'x'],
    ['SIGNER', `0x${'4c'.repeat(32)}`],
    ['DATABASE_URL', 'postgres://owner:hunter2@database:5432/coinestate'],
    ['RPC_URL', 'https://mainnet.example.com/v3/9aa3d95b3bc440fa88ea12eaa4456161'],
    ['WORDS', 'test test test test test test test test test test test junk'],
  ])('%s is refused without being repeated', (key, value) => {
    const problem = variableProblem(key, value);
    expect(problem).toMatch(
      new RegExp(`^environment\\.${key}: it looks like .* keep it in the parameter store`),
    );
    if (value.length > 1) expect(problem).not.toContain(value);
  });

  it('is judged by its name where its value is known only later', () => {
    expect(variableProblem('DATABASE_PASSWORD', Promise.resolve('x'))).toMatch(/looks like a secret/);
    expect(variableProblem('DATABASE_HOST', Promise.resolve('x'))).toBeUndefined();
  });
});
