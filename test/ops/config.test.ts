import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CutoverError } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { readConfig } from '../../infra/config.ts';
import { configText, originsOf } from '../../ops/config-text.ts';
import { loadStackConfig } from '../../ops/config.ts';
import { knownStacks, parseStackFile } from '../../ops/stack-file.ts';
import { edited } from '../infra/config-kit.ts';

// A folder of stacks of its own, for tests that write.
const folder = mkdtempSync(join(tmpdir(), 'cutover config ü '));
function writeStack(stack: string, text: string): string {
  writeFileSync(join(folder, `Pulumi.${stack}.yaml`), text);
  return stack;
}
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command itself, as the launcher does. */
function cutover(...args: readonly string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const script = `
    import { Command } from 'commander';
    import { registerConfig } from './ops/config.ts';
    const program = new Command('cutover');
    registerConfig(program);
    await program.parseAsync(process.argv, { from: 'node' }).catch((error) => {
      process.stderr.write(error.message + '\\n');
      process.exitCode = error.exit;
    });`;
  return new Promise((resolve) => {
    const argv = ['--input-type=module', '--eval', script, '--', 'cutover', ...args];
    execFile(process.execPath, argv, { cwd: projectRoot }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CutoverError) return error.message;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

describe('a stack file', () => {
  const file = 'Pulumi.dev.yaml';

  it.each([
    [
      'a block that is not closed',
      'config:\n  cutover:gates: { a: 1\n  b: 2\n',
      /Pulumi\.dev\.yaml:3:3 {2}.*\n {6}b: 2/,
    ],
    [
      'a key that is there twice',
      'config:\n  a: 1\n  a: 2\n',
      /Pulumi\.dev\.yaml:3:3 {2}Map keys must be unique\n {6}a: 2/,
    ],
    ['a tab', 'config:\n\tcutover:gates: 1\n', /Pulumi\.dev\.yaml:2:1 {2}/],
    [
      'an outer key that is not known',
      'confg: {}\n',
      /1:1 {2}confg is not a key of a stack file; did you mean config\?/,
    ],
    ['no config', 'encryptionsalt: x\n', /1:1 {2}holds no block called config/],
    ['nothing', '', /1:1 {2}holds no block called config/],
    ['a text', 'hello', /1:1 {2}holds no block called config/],
    ['a list of settings', 'config: [1]\n', /1:9 {2}config is not a block of keys/],
    ['two documents', 'config: {}\n---\nconfig: {}\n', /2:1 {2}a second document begins here/],
    [
      'an alias of nothing',
      'config:\n  a: *later\n  b: &later 1\n',
      /2:6 {2}\*later stands for nothing: no &later comes before it\n {6}a: \*later/,
    ],
    ['an alias of itself', 'config:\n  a: &a [*a]\n', /2:10 {2}\*a is part of what it stands for/],
    [
      'aliases of aliases of aliases',
      `config:\n  a: &a [${'x,'.repeat(9)}]\n  b: &b [${'*a,'.repeat(9)}]\n  c: [${'*b,'.repeat(12)}]\n`,
      /1:1 {2}its aliases \(\*name\) stand for far more than it holds itself/,
    ],
    ['what would move the cursor', 'config:\n  a: [\u001b[31m\n', /\n {6}a: \[�\[31m\n/],
  ])('with %s is refused with line and column', (_, text, told) => {
    const message = messageOf(() => parseStackFile(file, text));
    expect(message).toMatch(
      /^CUT-1003 Pulumi\.dev\.yaml is not a stack file that can be read\. Nothing was changed\.\n/,
    );
    expect(message).toMatch(told);
  });

  it.each([
    ['a private key', `  key: "${'ab'.repeat(32)}" 1`],
    ['a recovery phrase', `  words: "${'test '.repeat(11)}junk"s`],
    ['the key of an endpoint', '  list: [{ url: "https://base.example/v2/k3yk3yk3yk3yk3yk3yk3yk3y" x: 1 }]'],
    ['a token that YAML does not begin with', `  key: @${'ab'.repeat(32)}`],
  ])('with a mistake in the line of %s does not show that line', (_, line) => {
    const message = messageOf(() => parseStackFile(file, `config:\n${line}\n`));
    expect(message).toMatch(/:2:\d+ {2}cannot be read\n {6}\(not shown: it seems to hold a secret\)/);
    expect(message).not.toMatch(/abab|junk|k3y/);
  });

  it('takes names without a prefix as the engine does', () => {
    expect(parseStackFile(file, 'config:\n  gates: { a: 1 }\n').values).toEqual({
      'cutover:gates': { a: 1 },
    });
  });

  it('leads each path to its line, and what is missing to the block that lacks it', () => {
    const { lineOf } = parseStackFile(
      file,
      'config:\n  cutover:gates:\n    list:\n      - a: 1\n      - b: 2\n  networks: {}\n',
    );
    expect(lineOf(['gates'])).toBe(2);
    expect(lineOf(['gates', 'list', 1, 'b'])).toBe(5);
    expect(lineOf(['gates', 'list', 1, 'c'])).toBe(5);
    expect(lineOf(['gates', 'other', 'deep'])).toBe(2);
    expect(lineOf(['networks'])).toBe(6);
    expect(lineOf(['signers'])).toBeUndefined();
  });

  it.each(['0777', '0x1F', '0o17'])('tells that %s is another number to another reader', (number) => {
    const { problems } = parseStackFile(
      file,
      `config:\n  cutover:gates:\n    list: [{ seconds: ${number} }]\n`,
    );
    expect(problems).toEqual([
      {
        path: ['gates', 'list', 0, 'seconds'],
        wrong: `is ${number}, which readers of YAML take for different numbers; write it in plain decimal`,
      },
    ]);
  });

  it.each(['0', '-1', '0.5', '10', '"0777"'])('has nothing against %s', (number) => {
    expect(parseStackFile(file, `config:\n  cutover:gates: { seconds: ${number} }\n`).problems).toEqual([]);
  });
});

describe('the stacks of the project', () => {
  it('are its stack files, the usual ones first', async () => {
    for (const stack of ['a-team', 'prod', 'dev']) writeStack(stack, '');
    expect(await knownStacks(folder)).toEqual(['dev', 'prod', 'a-team']);
    expect(await knownStacks()).toEqual(['dev', 'staging', 'prod']);
  });

  it.each([
    ['stagng', 'Did you mean staging?'],
    ['../secrets', 'Name one of these.'],
    ['', 'Name one of these.'],
  ])('do not include %j', async (stack, fix) => {
    await expect(loadStackConfig(stack)).rejects.toThrow(
      expect.objectContaining({
        code: 'CUT-1001',
        exit: 2,
        message: expect.stringMatching(/There are: dev, staging, prod\./) as unknown,
        remedy: fix,
      }),
    );
  });
});

describe('loading a stack', () => {
  it('tells why a file cannot be read', async () => {
    mkdirSync(join(folder, 'Pulumi.folder.yaml'));
    await expect(loadStackConfig('folder', folder)).rejects.toThrow(
      /^CUT-1002 Pulumi\.folder\.yaml cannot be read: EISDIR/,
    );
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeffconfig:\n', 'utf16le')],
    ['UTF-16 without a mark', Buffer.from('config:\n', 'utf16le')],
    ['10 MB of no text at all', Buffer.alloc(10e6, '\u00ff[:{', 'latin1')],
  ])('refuses %s without searching it for YAML', async (_, bytes) => {
    writeFileSync(join(folder, 'Pulumi.dev-bytes.yaml'), bytes);
    await expect(loadStackConfig('dev-bytes', folder)).rejects.toThrow(
      /^CUT-1002 Pulumi\.dev-bytes\.yaml cannot be read: it is not text in UTF-8; save it as that\.\n {2}fix: /,
    );
    rmSync(join(folder, 'Pulumi.dev-bytes.yaml'));
  });

  it('gives what the program sees', async () => {
    expect((await loadStackConfig('prod')).environment).toBe('prod');
  });

  it('tells mistakes in the order of their lines', async () => {
    const stack = writeStack(
      'dev-mistaken',
      'config:\n  cutover:environment: dev\n  cutover:gates:\n    holdSeconds: x\n  cutover:nets: {}\n',
    );
    const lines = await loadStackConfig(stack, folder).then(
      () => [] as number[],
      (error: Error) => [...error.message.matchAll(/\(line (\d+)\)/g)].map(([, line]) => Number(line)),
    );
    expect(lines).toContain(4);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
  });
});

describe('docs/configuration.md', () => {
  it('shows mistakes as they really look', async () => {
    const text = readFileSync(join(projectRoot, 'Pulumi.staging.yaml'), 'utf8')
      .replace('weight: 5 }', 'weight: -5 }')
      .replace('network: polygon-amoy', 'netwrok: polygon-amoy')
      .replace('emergencyDelayHours: 1', 'emergencyDelayHours: "1"')
      .replace('network: sepolia', 'network: seplia')
      .replace(/(sop-138-deployer:) \{.*\}/, '$1 { kind: local, account: 3 }');
    const stack = writeStack('staging', text);
    const message = await loadStackConfig(stack, folder).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toMatch(/has 5 errors/);
    expect(readFileSync(join(projectRoot, 'docs/configuration.md'), 'utf8')).toContain(message);
  });
});

describe('the configuration as text', () => {
  const values = edited('dev', { 'local.ports': { godark: 4000 }, 'local.portOffset': 100 });
  const config = readConfig(values, { stack: 'dev' });
  const text = configText(config, originsOf(config, values));

  it('is YAML that holds all of it', () => {
    const blocks = Object.entries(config).map(([name, block]): [string, unknown] => [
      `cutover:${name}`,
      block,
    ]);
    expect(parse(text)).toEqual(Object.fromEntries(blocks));
  });

  it('marks what the file does not hold as it is', () => {
    expect(text).toContain('godark: 4100 # computed\n');
    expect(text).toContain('evm: 8645 # default\n');
    expect(text).toContain('url: http://127.0.0.1:8645 # computed\n');
    expect(text).toContain('portOffset: 100\n');
  });
});

describe('./cutover config', () => {
  it('prints YAML for people', async () => {
    const { exit, stdout } = await cutover('config', 'staging');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^# staging: what the program sees of Pulumi\.staging\.yaml\n/);
    expect(parse(stdout)).toHaveProperty(['cutover:systems', 'sop138', 'node', 'memoryGb'], 4);
  });

  it('prints the same as JSON', async () => {
    const { exit, stdout } = await cutover('config', 'dev', '--json');
    const { config, ...rest } = JSON.parse(stdout) as { config: unknown };
    expect(exit).toBe(0);
    expect(config).toEqual(await loadStackConfig('dev'));
    expect(rest).toEqual({
      stack: 'dev',
      file: 'Pulumi.dev.yaml',
      origins: {
        'cutover:networks.local.endpoints[0].url': 'computed',
        'cutover:networks.solana-local.endpoints[0].url': 'computed',
      },
    });
  });

  it('exits 2 and says why on standard error', async () => {
    const { exit, stdout, stderr } = await cutover('config', 'stagng');
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(/^CUT-1001 There is no stack stagng\.\n/);
  });
});
