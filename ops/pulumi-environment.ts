import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { CutoverError, messageOf } from '../base/errors.ts';
import { projectRoot, runtimeFolder } from '../base/project.ts';
import { canMake } from '../base/user-cache.mjs';
import { alone } from '../toolchain/lock.ts';
import { binFolder } from '../toolchain/manifest.ts';
import { stateFile } from './stack-state.ts';

const compileCache = join(runtimeFolder, 'cache', 'node');
const stateFolder = join(runtimeFolder, 'state');

// The library for PostgreSQL obeys these wherever it is not told otherwise: with PGOPTIONS="-c search_path=mine" of a
// developer's shell, migrations would go to another schema. Where a server is, and how, is said in the stack file alone.
const steersPostgres = [
  'PGOPTIONS',
  'PGSSLMODE',
  'PGSSLNEGOTIATION',
  'PGCLIENT_ENCODING',
  'PGREPLICATION',
  'PGBINARY',
];

/** Everything that a run of the CLI on a stack needs: its environment, and the arguments that name the stack. */
export interface PreparedStack {
  readonly env: NodeJS.ProcessEnv;
  readonly args: readonly string[];
}

/**
 * Makes a stack ready for the engine. dev gets a passphrase, a state in the project's folder, and a copy of its file
 * that the CLI may write to; the stacks in the cloud are taken as the user has set them up. Doing it again changes
 * nothing, and a run that was killed half-way is made good by the next. SIDE EFFECTS: writes below `.cutover`.
 */
export async function prepareStack(stack: string): Promise<PreparedStack> {
  const env = pulumiEnvironment(['--stack', stack]);
  const args = ['--stack', stack];
  if (stack !== 'dev') return { env, args };
  await makePassphrase(stack, env);
  const copy = await copyStackFile(stack, await findSalt(stack, env));
  return { env, args: copy === undefined ? args : [...args, '--config-file', copy] };
}

/**
 * The environment for the pinned CLI, for a command line or the stack named in it. What the user has set stays: a
 * backend, a passphrase, a home for Pulumi.
 */
export function pulumiEnvironment(argv: readonly string[], outer = process.env): NodeJS.ProcessEnv {
  const path = (outer['PATH'] ?? '').split(delimiter).filter((folder) => folder !== binFolder);
  const env: NodeJS.ProcessEnv = {
    ...outer,
    PATH: [binFolder, ...path].join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    // The program and its providers load twice as fast from what was compiled before.
    NODE_COMPILE_CACHE: outer['NODE_COMPILE_CACHE'] ?? compileCache,
  };
  for (const name of steersPostgres) delete env[name];
  if (outer['PULUMI_HOME'] === undefined && !homeIsWritable(outer)) {
    env['PULUMI_HOME'] = join(runtimeFolder, 'pulumi-home');
  }
  const stack = stackOf(argv, outer);
  if (stack !== 'dev') return env;
  // The official language host asks for the plugin of every Pulumi package that is installed, hundreds of megabytes;
  // dev needs none of them.
  env['PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION'] ??= 'true';
  env['PULUMI_BACKEND_URL'] ??= `${pathToFileURL(stateFolder).href}?create_dir=true&metadata=skip`;
  if (env['PULUMI_CONFIG_PASSPHRASE'] === undefined) {
    env['PULUMI_CONFIG_PASSPHRASE_FILE'] ??= passphraseFile(stack);
  }
  return env;
}

/**
 * A command line for the CLI as the user typed it, made ready to run: the stack is prepared if it is dev, and commands
 * that could write to the stack's file get the copy.
 */
export async function cliArguments(argv: readonly string[]): Promise<string[]> {
  const [command = ''] = argv.filter((word) => !word.startsWith('-'));
  if (stackOf(argv) !== 'dev' || !stackCommands.has(command) || argv.includes('--help')) return [...argv];
  const { args } = await prepareStack('dev');
  const copy = takesStackFile.has(command) && !argv.some((word) => word.startsWith('--config-file'));
  return copy ? [...argv, ...args.slice(2)] : [...argv];
}

const takesStackFile = new Set([
  'up',
  'update',
  'preview',
  'pre',
  'refresh',
  'destroy',
  'down',
  'import',
  'watch',
]);
// These look at a stack, so it has to be there.
const stackCommands = new Set([
  ...takesStackFile,
  'stack',
  'config',
  'cancel',
  'state',
  'logs',
  'console',
  'about',
]);

/** The stack that a command line is about; dev when it names none, and neither does PULUMI_STACK. */
export function stackOf(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
  for (const [i, word] of argv.entries()) {
    if (word === '--') break;
    if (word === '-s' || word === '--stack') return argv[i + 1] ?? 'dev';
    const joined = /^(?:--stack=|-s=?)(.+)$/.exec(word)?.[1];
    if (joined !== undefined) return joined;
  }
  const words = argv.filter((word) => !word.startsWith('-'));
  const named =
    words[0] === 'stack' && ['init', 'select', 'rm'].includes(words[1] ?? '') ? words[2] : undefined;
  return named ?? env['PULUMI_STACK'] ?? 'dev';
}

function passphraseFile(stack: string): string {
  return join(runtimeFolder, stack, 'secrets', 'passphrase');
}

/** Makes the passphrase once, whole and readable by its user only, however many try at the same time. */
async function makePassphrase(stack: string, env: NodeJS.ProcessEnv): Promise<void> {
  const file = passphraseFile(stack);
  if (env['PULUMI_CONFIG_PASSPHRASE_FILE'] !== file || existsSync(file)) return;
  if (ownsBackend(env) && existsSync(stateFile(stack))) {
    throw new CutoverError('CUT-5031', { stack, file, state: stateFile(stack) });
  }
  const folder = join(runtimeFolder, stack, 'secrets');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const temporary = `${file}.${process.pid}`;
  try {
    await writeFile(temporary, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true });
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * The salt that goes with the passphrase. The CLI makes it with the stack, keeps it in the state, and wants to find it
 * in the stack's file too.
 */
async function findSalt(stack: string, env: NodeJS.ProcessEnv): Promise<string> {
  const kept = await keptSalt(stack, env);
  if (kept !== undefined) return kept;
  // One launcher makes the stack; another that starts at the same moment waits and finds it made.
  const lock = join(runtimeFolder, stack, 'making.lock');
  return alone(
    lock,
    () => undefined,
    async () => (await keptSalt(stack, env)) ?? makeSalt(stack, env),
  );
}

function keptSalt(stack: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return ownsBackend(env) ? saltInState(stack) : saltInCopy(stack);
}

async function makeSalt(stack: string, env: NodeJS.ProcessEnv): Promise<string> {
  await initStack(stack, env);
  const exported = await pulumi(['stack', 'export', '--stack', stack], env, projectRoot);
  const salt = saltOf((JSON.parse(exported) as { deployment: Deployment }).deployment);
  if (salt === undefined) {
    throw new CutoverError('CUT-5030', {
      backend: env['PULUMI_BACKEND_URL'],
      lines: '  its secrets are not kept with a passphrase',
    });
  }
  return salt;
}

// In a folder of its own: the CLI would write the salt into Pulumi.dev.yaml, which belongs to git.
async function initStack(stack: string, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-stack-'));
  try {
    await writeFile(join(folder, 'Pulumi.yaml'), 'name: cutover\nruntime: nodejs\n');
    const init = ['stack', 'init', stack, '--no-select', '--secrets-provider', 'passphrase'];
    await pulumi(init, env, folder);
  } catch (error) {
    if (!messageOf(error).includes('already exists')) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes the stack's file as the CLI wants it: the committed one with the salt below. undefined when the user keeps a
 * salt in the committed file, which then serves as it is.
 */
async function copyStackFile(stack: string, salt: string): Promise<string | undefined> {
  const committed = await readFile(join(projectRoot, `Pulumi.${stack}.yaml`), 'utf8').catch(() => '');
  if (saltLine.test(committed)) return undefined;
  const copy = copyOf(stack);
  await writeFileAtomic(copy, withSalt(committed, salt));
  return copy;
}

/** The text of a stack file with a salt added at its end. */
export function withSalt(text: string, salt: string): string {
  const body = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${body}encryptionsalt: ${salt}\n`;
}

const saltLine = /^encryptionsalt: *(\S+)/m;

function copyOf(stack: string): string {
  return join(runtimeFolder, stack, `Pulumi.${stack}.yaml`);
}

async function saltInCopy(stack: string): Promise<string | undefined> {
  return saltLine.exec(await readFile(copyOf(stack), 'utf8').catch(() => ''))?.[1];
}

interface Deployment {
  readonly secrets_providers?: { readonly type: string; readonly state?: { readonly salt?: string } };
}

async function saltInState(stack: string): Promise<string | undefined> {
  const text = await readFile(stateFile(stack), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return saltOf((JSON.parse(text) as { checkpoint: { latest?: Deployment } }).checkpoint.latest);
}

function saltOf(deployment: Deployment | undefined): string | undefined {
  return deployment?.secrets_providers?.state?.salt;
}

function ownsBackend(env: NodeJS.ProcessEnv): boolean {
  return env['PULUMI_BACKEND_URL']?.startsWith(pathToFileURL(stateFolder).href) === true;
}

function pulumi(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env, cwd, maxBuffer: 1 << 28 };
    execFile('pulumi', [...args, '--non-interactive'], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else {
        const lines = `${stdout}${stderr}`.trim() || error.message;
        reject(new CutoverError('CUT-5030', { backend: env['PULUMI_BACKEND_URL'], lines }, { cause: error }));
      }
    });
  });
}

// Pulumi keeps plugins and logs there, and fails without.
function homeIsWritable(env: NodeJS.ProcessEnv): boolean {
  return canMake(join(env['HOME'] ?? homedir(), '.pulumi'));
}
