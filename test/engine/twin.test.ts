import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { openCloud, type Cloud } from '../../ops/twin/cloud.ts';
import { prepareTwin, type PreparedTwin } from '../../ops/twin/scratch.ts';
import { filesBelow } from './inspect.ts';
import { done, runProgram, type Run } from './run-program.ts';

// The real engine and a small program on three toy kinds; the tests build on each other.
const program = 'twin-program';
const stack = 'staging';
const password = 'correct horse battery';
let twin: PreparedTwin;
let cloud: Cloud;
beforeAll(async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'twin ünï ')), 'scratch');
  twin = await prepare(folder);
  cloud = openCloud(folder);
});
afterEach(() => cloud.setFaults([]));
afterAll(() => {
  cloud.close();
  rmSync(join(twin.folder, '..'), { recursive: true, force: true });
});

function prepare(folder: string): Promise<PreparedTwin> {
  const modules = { aws: join(projectRoot, 'test', 'ops', 'twin', 'toy-part.ts') };
  return prepareTwin(stack, { folder, modules, project: program, stackFile: '' });
}

/** Runs the engine on the program. What the program wants is JSON. */
function pulumi(
  command: readonly string[],
  wants: object = {},
  onStart?: (pid: number) => void,
): Promise<Run> {
  const onStack = takesStackFile.has(command[0] ?? '') ? twin.args : ['--stack', stack];
  const env = { ...twin.env, TWIN_WANTS: JSON.stringify(wants) };
  return runProgram(program, [...command, ...onStack], env, onStart);
}

const takesStackFile = new Set(['up', 'preview', 'refresh', 'destroy', 'import']);

const up = (wants: object = {}, ...more: readonly string[]): Promise<Run> =>
  pulumi(['up', '--yes', '--skip-preview', ...more], wants);

/** Ids in the engine's state and ids in the cloud; the same, unless something was doubled or lost. */
function ids(): { readonly state: readonly string[]; readonly cloud: readonly string[] } {
  const file = join(twin.folder, 'state', '.pulumi', 'stacks', 'twin-program', `${stack}.json`);
  const { checkpoint } = JSON.parse(readFileSync(file, 'utf8')) as {
    checkpoint: { latest: { resources?: readonly { type: string; id?: string }[] } };
  };
  const resources = (checkpoint.latest.resources ?? []).filter(({ type }) => type.startsWith('aws:'));
  return {
    state: resources.map(({ id }) => id ?? '').sort(),
    cloud: cloud
      .things()
      .map(({ id }) => id)
      .sort(),
  };
}

function expectNothingDoubled(count: number): void {
  const { state, cloud: there } = ids();
  expect(there).toEqual(state);
  expect(there).toHaveLength(count);
}

const changes = (): number =>
  cloud.ledger().filter(({ operation }) => ['create', 'update', 'delete'].includes(operation)).length;

describe('the scratch folder', () => {
  it('is the user’s alone, and the environment leads to no real account', () => {
    for (const name of ['', 'passphrase', 'cloud.sqlite', `Pulumi.${stack}.yaml`]) {
      expect([name, statSync(join(twin.folder, name)).mode & 0o077]).toEqual([name, 0]);
    }
    expect(twin.env).toMatchObject({ AWS_ACCESS_KEY_ID: 'twin', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    expect(twin.env['PULUMI_BACKEND_URL']).toContain('scratch/state');
  });

  it('may be prepared again, and keeps what is there', async () => {
    const again = await prepare(twin.folder);
    expect(again.args).toEqual(twin.args);
    expect(again.env['PULUMI_HOME']).toBe(twin.env['PULUMI_HOME']);
  });

  it('is never made where something else is', async () => {
    const other = mkdtempSync(join(tmpdir(), 'other-'));
    writeFileSync(join(other, 'file'), 'mine');
    await expect(prepare(other)).rejects.toThrow(/CUT-5315/);
    expect(readdirSync(other)).toEqual(['file']);
    rmSync(other, { recursive: true });
  });
});

describe('the engine on the twin', () => {
  it('previews without a call of the API', async () => {
    expect(done(await pulumi(['preview']))).toMatch(/\+ 6 to create/);
    expect(cloud.ledger()).toEqual([]);
  });

  it('makes everything, with references, default tags and names that are made up', async () => {
    const text = done(await up());
    expect(text).toMatch(/networkId *: "vpc-[0-9a-f]{17}"/);
    expect(text).toMatch(/system: "test"/);
    expectNothingDoubled(4);
  });

  it('has nothing to do the second time', async () => {
    const before = changes();
    done(await up({}, '--expect-no-changes'));
    expect(changes()).toBe(before);
  });

  it('keeps secrets out of the state, of the ledger and of what is printed', async () => {
    const { text } = await up({ secret: `${password}, and longer than forty letters` });
    expect(text).toContain("got [secret]. Examine values at 'parameter.value'.");
    expect(text).not.toContain(password);
    expect(JSON.stringify(cloud.ledger())).not.toContain(password);
    for (const file of filesBelow(join(twin.folder, 'state'))) {
      expect([file.path, file.text.includes(password)]).toEqual([file.path, false]);
    }
  });

  it('refuses a type that the twin does not play, in preview, by its name', async () => {
    const { exit, text } = await pulumi(['preview'], { queue: true });
    expect(exit).not.toBe(0);
    expect(text).toContain('CUT-5300 The twin does not play aws:sqs/queue:Queue.');
  });

  it('refuses an argument that is unknown, and names the one that was meant', async () => {
    const { exit, text } = await pulumi(['preview'], { unchecked: { cidrBlok: '10.0.0.0/16' } });
    expect(exit).not.toBe(0);
    expect(text).toContain('Invalid or unknown key "cidrBlok". Did you mean "cidrBlock"?');
  });

  it('refuses a value that the cloud refuses, before anything is sent', async () => {
    const before = changes();
    const { exit, text } = await up({ network: '0.0.0.0/0' });
    expect(exit).not.toBe(0);
    expect(text).toContain("InvalidVpc.Range: The CIDR '0.0.0.0/0' is invalid.");
    expect(changes()).toBe(before);
  });

  it('shows drift, and mends it', async () => {
    const thing = cloud.things().find(({ type }) => type === 'aws:ec2/vpc:Vpc');
    if (thing === undefined) throw new Error('there is no network');
    cloud.put({ ...thing, inputs: { ...thing.inputs, tags: { Name: 'somebody' } } });
    expect(done(await pulumi(['refresh', '--yes', '--skip-preview', '--diff']))).toContain(
      '"main" => "somebody"',
    );
    done(await up());
    expect(cloud.find(thing.type, thing.id, thing)?.inputs['tags']).toEqual({ Name: 'main', system: 'test' });
    done(await up({}, '--expect-no-changes'));
  });

  it('makes again what somebody deleted', async () => {
    const thing = cloud.things().find(({ type }) => type === 'aws:ssm/parameter:Parameter');
    if (thing === undefined) throw new Error('there is no parameter');
    cloud.take(thing);
    done(await up({}, '--refresh'));
    expectNothingDoubled(4);
  });

  it('replaces a network with what is in it', async () => {
    const before = ids().cloud;
    expect(done(await up({ network: '10.0.0.0/20' }))).toMatch(/3 replaced/);
    expectNothingDoubled(4);
    expect(ids().cloud.filter((id) => before.includes(id))).toHaveLength(1);
  });

  it('imports a thing by its id', async () => {
    const network = ids().cloud.find((id) => id.startsWith('vpc-')) ?? '';
    const urn = (type: string, name: string): string => `urn:pulumi:${stack}::twin-program::${type}::${name}`;
    const provider = `cloud=${urn('pulumi:providers:aws', 'cloud')}`;
    const options = ['--provider', provider, '--generate-code=false', '--protect=false', '--yes'];
    done(await pulumi(['import', 'aws:ec2/vpc:Vpc', 'same', network, ...options]));
    expect(ids().state.filter((id) => id === network)).toHaveLength(2);
    done(await pulumi(['state', 'delete', urn('aws:ec2/vpc:Vpc', 'same'), '--yes']));
    expectNothingDoubled(4);
  });
});

describe('faults', () => {
  it('before and after the effect, for every create, update and delete: runs until done, and nothing is doubled', async () => {
    for (const how of ['before', 'after']) {
      for (const [command, wants] of [
        [['destroy', '--yes', '--skip-preview'], {}],
        [['up', '--yes', '--skip-preview'], {}],
        [['up', '--yes', '--skip-preview'], { arguments: { enableDnsHostnames: true }, secret: how }],
      ] as const) {
        // The first call is the first since the rules were set.
        cloud.setFaults([`create * #1 ${how}`, `update * #1 ${how}`, `delete * #1 ${how}`]);
        expect(await untilDone(command, wants)).toBeGreaterThan(0);
        expectNothingDoubled(command[0] === 'destroy' ? 0 : 4);
      }
    }
  });

  it('that throttle are waited out', async () => {
    cloud.setFaults(['update * throttled:3']);
    done(await up({ secret: 'another' }));
    expect(
      cloud
        .ledger()
        .slice(-4)
        .map(({ outcome }) => outcome),
    ).toEqual(['throttled', 'throttled', 'throttled', 'done']);
  });

  it('with the plugin dead in the middle of an update: the next run goes on', async () => {
    cloud.setFaults(['update aws:ec2/vpc:Vpc dies-after']);
    const wants = { secret: 'another', arguments: { enableDnsHostnames: false } };
    expect((await up(wants)).exit).not.toBe(0);
    cloud.setFaults([]);
    done(await up(wants));
    expectNothingDoubled(4);
  });

  it('with the engine killed: its plugins end by themselves', async () => {
    cloud.setFaults(['update aws:ssm/parameter:Parameter slow:20']);
    const running = pulumi(['up', '--yes', '--skip-preview'], { secret: 'a third' }, (pid) => {
      void untilTrue(() => readsTwin().then((pids) => pids.length > 0)).then(async () => {
        await sleep(1500);
        process.kill(pid, 'SIGKILL');
      });
    });
    await running;
    expect(await untilTrue(async () => (await readsTwin()).length === 0)).toBe(true);
    cloud.setFaults([]);
    done(await pulumi(['cancel', '--yes']));
    done(await up({ secret: 'a third' }));
    expectNothingDoubled(4);
  });
});

describe('the end', () => {
  it('is refused to a state that the real provider made', async () => {
    const text = done(await pulumi(['stack', 'export']));
    const foreign = text.replaceAll('"cutoverTwin": "true"', '"madeBy": "aws"');
    const file = join(twin.folder, 'foreign.json');
    writeFileSync(file, foreign);
    done(await pulumi(['stack', 'import', '--file', file]));
    const refused = await up();
    expect(refused.exit).not.toBe(0);
    expect(refused.text).toMatch(/CUT-5310 The state of .* was made by the real provider aws/);
    await expect(prepare(twin.folder)).rejects.toThrow(/CUT-5310/);
    writeFileSync(file, text);
    done(await pulumi(['stack', 'import', '--file', file]));
  });

  it('leaves nothing', async () => {
    done(await pulumi(['destroy', '--yes', '--skip-preview']));
    expectNothingDoubled(0);
    expect(existsSync(join(projectRoot, 'test', 'fixtures', program, `Pulumi.${stack}.yaml`))).toBe(false);
  });
});

/** Runs a command until it succeeds; how often it failed. Each call fails once, so there is an end. */
async function untilDone(command: readonly string[], wants: object): Promise<number> {
  for (let failures = 0; failures < 12; failures++) {
    const { exit, text } = await pulumi(command, wants);
    if (exit === 0) return failures;
    expect(text).toContain('set by hand');
  }
  throw new Error('It did not come to an end in 12 runs.');
}

/** The twin's plugins that run now. */
function readsTwin(): Promise<readonly number[]> {
  return processesWithEnvironment('CUTOVER_TWIN', twin.folder);
}

async function untilTrue(question: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 150; tries++) {
    if (await question()) return true;
    await sleep(100);
  }
  return false;
}
