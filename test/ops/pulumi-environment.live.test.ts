import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { makeBareClone, type BareClone } from '../toolchain/bare-clone.ts';

// The real CLI, in a clone whose path has spaces and letters outside ASCII.
let clone: BareClone;
beforeEach(() => {
  clone = makeBareClone();
  for (const file of ['ops/pulumi-environment.ts', 'ops/stack-state.ts']) {
    cpSync(join(projectRoot, file), join(clone.folder, file));
  }
  mkdirSync(join(clone.folder, 'node_modules', '@cutover'), { recursive: true });
  symlinkSync('../../base', join(clone.folder, 'node_modules', '@cutover', 'base'));
  symlinkSync(join(projectRoot, 'node_modules', '@pulumi'), join(clone.folder, 'node_modules', '@pulumi'));
  clone.write(
    'Pulumi.yaml',
    'name: cutover\nmain: program.ts\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n',
  );
  clone.write('Pulumi.dev.yaml', committed);
  clone.write('program.ts', program);
});
afterEach(() => clone.remove());

const committed = '# What dev is.\nconfig:\n  cutover:size: small\n';
const program = `
import * as pulumi from '@pulumi/pulumi';
export const size = pulumi.secret(new pulumi.Config('cutover').require('size'));
`;
const own = (path: string): string => join(clone.folder, '.cutover', path);

interface Prepared {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Runs one function of the module in the clone, in a process of its own. */
async function call<T>(expression: string, env: NodeJS.ProcessEnv = {}): Promise<T> {
  const code = `import * as m from './ops/pulumi-environment.ts';
    m.${expression}.then((r) => console.log(JSON.stringify(r)), (e) => { console.error(e.message); process.exit(e.exit ?? 9); });`;
  const { stdout } = await start(process.execPath, ['--input-type=module', '-e', code], env);
  return JSON.parse(stdout.split('\n')[0] ?? '') as T;
}

const prepare = (env?: NodeJS.ProcessEnv): Promise<Prepared> => call<Prepared>("prepareStack('dev')", env);

async function pulumi(args: readonly string[], { args: more, env }: Prepared): Promise<string> {
  return (await start('pulumi', [...args, ...more, '--non-interactive'], env)).stdout;
}

function start(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ stdout: string }> {
  const { PULUMI_BACKEND_URL: _url, PULUMI_CONFIG_PASSPHRASE: _phrase, ...outer } = process.env;
  const options = { cwd: clone.folder, env: { ...outer, HOME: clone.home, ...env } };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout });
      else reject(new Error(`${stdout}${stderr}`, { cause: error }));
    });
  });
}

describe('preparing dev', () => {
  it('makes passphrase and stack once, and leaves the committed file as it is', async () => {
    const first = await prepare();
    expect(first.args).toEqual(['--stack', 'dev', '--config-file', own('dev/Pulumi.dev.yaml')]);
    const passphrase = readFileSync(own('dev/secrets/passphrase'), 'utf8');
    expect(Buffer.from(passphrase, 'base64url')).toHaveLength(32);
    expect(statSync(own('dev/secrets/passphrase')).mode & 0o777).toBe(0o600);
    expect(statSync(own('dev/secrets')).mode & 0o777).toBe(0o700);
    const copy = readFileSync(own('dev/Pulumi.dev.yaml'), 'utf8');
    expect(copy).toMatch(/^# What dev is\.\nconfig:\n {2}cutover:size: small\nencryptionsalt: v1:\S+\n$/);

    const second = await prepare();
    expect(second.args).toEqual(first.args);
    expect(readFileSync(own('dev/secrets/passphrase'), 'utf8')).toBe(passphrase);
    expect(readFileSync(own('dev/Pulumi.dev.yaml'), 'utf8')).toBe(copy);

    expect(await pulumi(['up', '--yes', '--skip-preview'], second)).toContain('created');
    await pulumi(['preview', '--expect-no-changes'], await prepare());
    expect(clone.read('Pulumi.dev.yaml')).toBe(committed);
    // Nothing but the passphrase's file holds it: not the state, not the copy.
    const state = readFileSync(own('state/.pulumi/stacks/cutover/dev.json'), 'utf8');
    expect(state).not.toContain(passphrase);
    expect(state).not.toMatch(/"(size|plaintext)":"small"/);
  });

  it('takes over what the committed file says now', async () => {
    await prepare();
    clone.write('Pulumi.dev.yaml', 'config:\n  cutover:size: large\n');
    await prepare();
    expect(readFileSync(own('dev/Pulumi.dev.yaml'), 'utf8')).toMatch(
      /^config:\n {2}cutover:size: large\nencryptionsalt/,
    );
  });

  it('uses the committed file itself when its user keeps a salt in it', async () => {
    await prepare();
    const salt = /encryptionsalt: .*\n/.exec(readFileSync(own('dev/Pulumi.dev.yaml'), 'utf8'))?.[0] ?? '';
    clone.write('Pulumi.dev.yaml', committed + salt);
    const { args } = await prepare();
    expect(args).toEqual(['--stack', 'dev']);
  });

  it('makes the stack anew when its state was deleted', async () => {
    await prepare();
    rmSync(own('state'), { recursive: true });
    await pulumi(['up', '--yes', '--skip-preview'], await prepare());
  });

  it('goes on from a run that was killed after the stack was made', async () => {
    await prepare();
    rmSync(own('dev/Pulumi.dev.yaml'));
    await pulumi(['up', '--yes', '--skip-preview'], await prepare());
  });

  it('serves two at the same time', async () => {
    const both = await Promise.all([prepare(), prepare()]);
    expect(both[0].args).toEqual(both[1].args);
    expect(readdirSync(own('dev/secrets'))).toEqual(['passphrase']);
    await pulumi(['up', '--yes', '--skip-preview'], both[0]);
  });

  it('refuses a state whose passphrase is gone, and touches neither', async () => {
    await prepare();
    rmSync(own('dev/secrets/passphrase'));
    await expect(prepare().then(() => 'prepared')).rejects.toThrow(
      /CUT-5031 The passphrase of the stack dev/,
    );
    expect(existsSync(own('dev/secrets/passphrase'))).toBe(false);
  });

  it('works with a backend and a passphrase of the user', async () => {
    mkdirSync(join(clone.home, 'state'));
    const env = {
      PULUMI_BACKEND_URL: `file://${encodeURI(clone.home)}/state`,
      PULUMI_CONFIG_PASSPHRASE: 'mine',
    };
    const first = await prepare(env);
    expect((await prepare(env)).args).toEqual(first.args);
    rmSync(own('dev/Pulumi.dev.yaml'));
    await pulumi(['up', '--yes', '--skip-preview'], await prepare(env));
    expect(existsSync(own('state'))).toBe(false);
    expect(existsSync(own('dev/secrets'))).toBe(false);
  });

  it('gives a typed command line the copy, where the CLI takes one', async () => {
    const typed = (line: string): Promise<string[]> =>
      call(`cliArguments(${JSON.stringify(line.split(' '))})`);
    const copy = own('dev/Pulumi.dev.yaml');
    expect(await typed('preview -s dev --diff')).toEqual([
      'preview',
      '-s',
      'dev',
      '--diff',
      '--config-file',
      copy,
    ]);
    expect(await typed('up -s dev --config-file mine.yaml')).toEqual(
      'up -s dev --config-file mine.yaml'.split(' '),
    );
    expect(await typed('stack output -s dev')).toEqual(['stack', 'output', '-s', 'dev']);
    expect(await typed('up -s staging')).toEqual(['up', '-s', 'staging']);
    expect(await typed('version')).toEqual(['version']);
  });
});
