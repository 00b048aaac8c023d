import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { projectRoot, runtimeFolder } from '@cutover/base/project.ts';
import { pulumiEnvironment, withSalt, type PreparedStack } from '../pulumi-environment.ts';
import { cloudFile, makeCloudFile } from './cloud-file.ts';
import { refuseForeignState, type StateOfProviders } from './made-by.ts';
import { packageVersion, playedNames } from './providers.ts';

/** How a twin is set up, each time anew: what is left out is as by default, whatever an earlier run has set. */
export interface TwinOptions {
  /** Where everything is kept. @default .cutover/twin/STACK */
  readonly folder?: string;
  /** The account that is played. @default 123456789012 */
  readonly account?: string;
  /** Draws faults. @default the stack's name */
  readonly seed?: string;
  /** What a second of the real cloud takes here. @default 0, all at once */
  readonly timeScale?: number;
  /** Whether real things stand behind the cloud, see live/body.ts. @default false */
  readonly live?: boolean;
  /** The name of the Pulumi project. @default cutover */
  readonly project?: string;
  /** The text of the stack's file. @default that of the project */
  readonly stackFile?: string;
  /** Modules that play a provider instead of ours, see plugin.ts. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** A stack on the twin, ready for the engine. */
export interface PreparedTwin extends PreparedStack {
  readonly folder: string;
}

/** The scratch folder of a stack, where no other is named. */
export function twinFolder(stack: string): string {
  return join(runtimeFolder, 'twin', stack);
}

/**
 * Makes a scratch folder in which the real engine runs a stack against the twin: a Pulumi home with our plugins in the
 * places of the official ones, a state, a passphrase, a copy of the stack's file, an empty cloud. Doing it again keeps
 * what is there. The user's backend, plugins and credentials are not used, and not reachable from the environment.
 * SIDE EFFECTS: writes the folder; runs the Pulumi CLI once to make the stack.
 */
export async function prepareTwin(stack: string, options: TwinOptions = {}): Promise<PreparedTwin> {
  const folder = resolve(options.folder ?? twinFolder(stack));
  await refuseOtherFolder(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const {
    account = '123456789012',
    seed = stack,
    timeScale = 0,
    live = false,
    project = 'cutover',
    modules = {},
  } = options;
  makeCloudFile(cloudFile(folder), { account, seed, timeScale, live });
  for (const name of playedNames) await writePlugin(folder, name, modules[name]);
  await makePassphrase(passphraseFile(folder));
  const env = twinEnvironment(folder, stack);
  const copy = join(folder, `Pulumi.${stack}.yaml`);
  const salt = (await saltIn(copy)) ?? (await makeStack(folder, stack, project, env));
  const text =
    options.stackFile ?? (await readFile(join(projectRoot, `Pulumi.${stack}.yaml`), 'utf8').catch(() => ''));
  await writeFileAtomic(copy, withSalt(text.replaceAll(ofSecretsProvider, ''), salt), 0o600);
  refuseForeignState(stack, await readState(folder, stack, project), 'twin');
  return { folder, env, args: ['--stack', stack, '--config-file', copy] };
}

/**
 * The environment of everything that runs against a twin. Nothing in it leads to a real account: the variables of
 * cloud providers are taken away, and the AWS SDK is sent to a port where nobody listens.
 */
export function twinEnvironment(folder: string, stack: string, outer = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(outer).filter(([name]) => !ofClouds.test(name));
  return {
    ...pulumiEnvironment(['--stack', stack], Object.fromEntries(kept)),
    PULUMI_HOME: join(folder, 'home'),
    PULUMI_BACKEND_URL: `${pathToFileURL(join(folder, 'state')).href}?create_dir=true&metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(folder),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    // A real plugin on PATH would be taken before ours.
    PULUMI_IGNORE_AMBIENT_PLUGINS: 'true',
    CUTOVER_TWIN: folder,
    AWS_ACCESS_KEY_ID: 'twin',
    AWS_SECRET_ACCESS_KEY: 'twin',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    KUBECONFIG: '/dev/null',
  };
}

const ofClouds =
  /^(AWS_|CLOUDFLARE_|KUBE|DOCKER_|GOOGLE_|ARM_|AZURE_|PULUMI_(ACCESS_TOKEN|BACKEND_URL|HOME|STACK|CONFIG_PASSPHRASE))/;
// They belong to the secrets of the real stack.
const ofSecretsProvider = /^(encryptionsalt|secretsprovider|encryptedkey):.*\n?/gm;

function passphraseFile(folder: string): string {
  return join(folder, 'passphrase');
}

/** Refuses a folder in which something else lies, or a file in its place. */
export async function refuseOtherFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(({ code }: NodeJS.ErrnoException) =>
    code === 'ENOTDIR' ? [folder] : [],
  );
  if (names.length > 0 && !existsSync(cloudFile(folder))) throw new CutoverError('CUT-5315', { folder });
}

/** Puts our plugin where the engine looks for the official one. */
async function writePlugin(folder: string, name: string, module: string | undefined): Promise<void> {
  const place = join(folder, 'home', 'plugins', `resource-${name}-v${await packageVersion(name)}`);
  const words = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'plugin.ts'),
  ];
  const command = [...words, name, ...(module === undefined ? [] : [module])].map(quoted).join(' ');
  await writeFileAtomic(join(place, `pulumi-resource-${name}`), `#!/bin/sh\nexec ${command}\n`, 0o755);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

async function makePassphrase(file: string): Promise<void> {
  await writeFile(file, randomBytes(32).toString('base64url'), {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

async function saltIn(copy: string): Promise<string | undefined> {
  return /^encryptionsalt: *(\S+)/m.exec(await readFile(copy, 'utf8').catch(() => ''))?.[1];
}

/** Makes the stack, in a folder of its own: the CLI would write its salt into a file that belongs to git. */
async function makeStack(
  folder: string,
  stack: string,
  project: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'cutover-twin-'));
  const pulumi = async (...args: readonly string[]): Promise<string> => {
    return run('pulumi', [...args, '--stack', stack, '--non-interactive'], env, place);
  };
  try {
    await writeFile(join(place, 'Pulumi.yaml'), `name: ${project}\nruntime: nodejs\n`);
    await pulumi('stack', 'init', '--no-select', '--secrets-provider', 'passphrase').catch(
      (error: unknown) => {
        if (!messageOf(error).includes('already exists')) throw error;
      },
    );
    const state = JSON.parse(await pulumi('stack', 'export')) as {
      readonly deployment: { readonly secrets_providers?: { readonly state?: { readonly salt?: string } } };
    };
    return state.deployment.secrets_providers?.state?.salt ?? '';
  } catch (error) {
    throw new CutoverError('CUT-5317', { stack, folder, lines: messageOf(error) }, { cause: error });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function readState(folder: string, stack: string, project: string): Promise<StateOfProviders> {
  const file = join(folder, 'state', '.pulumi', 'stacks', project, `${stack}.json`);
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { checkpoint?: { latest?: StateOfProviders } }).checkpoint?.latest ?? {};
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<string> {
  return new Promise((done, fail) => {
    execFile(command, args, { env, cwd, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(new Error(`${stdout}${stderr}`.trim() || error.message, { cause: error }));
    });
  });
}
