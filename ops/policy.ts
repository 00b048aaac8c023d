import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { projectRoot, runtimeFolder } from '@cutover/base/project.ts';
import type { CutoverConfig } from '../infra/config.ts';
import type { PolicyException } from '../policy/exceptions.ts';
import { noteVariable } from '../policy/note.ts';
import { stackOf } from './pulumi-environment.ts';

/** Where the pack of policies is. */
export const policyPack = join(projectRoot, 'policy');

const asking = new Set(['up', 'update', 'preview', 'pre', 'watch']);

/** Whether a command of the CLI asks policies, and takes the arguments for it. */
export function asksPolicies(command: string): boolean {
  return asking.has(command);
}

/** What a run of the CLI needs so that our policies are asked. */
export interface PreparedPolicies {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The exit code of the command, from that of the CLI: a policy is a guard. SIDE EFFECTS: removes what the pack left. */
  readonly exitOf: (code: number) => Promise<number>;
}

const none: PreparedPolicies = { args: [], env: {}, exitOf: (code) => Promise.resolve(code) };

/**
 * Has the engine ask our policies, and tells them what may break them on this stack. dev asks none: nothing of it is in
 * a cloud, and asking takes a second. SIDE EFFECTS: writes below `folder`.
 */
export async function preparePolicies(
  { environment, policyExceptions = [] }: Pick<CutoverConfig, 'environment' | 'policyExceptions'>,
  folder: string,
): Promise<PreparedPolicies> {
  if (environment === 'dev') return none;
  await refuseUnknown(policyExceptions);
  await mkdir(folder, { recursive: true });
  // The CLI ends with 1 whatever the reason, so the pack leaves a note when it refuses.
  const note = join(folder, `policy-refused.${process.pid}`);
  const config = join(folder, 'policy.json');
  await rm(note, { force: true });
  await writeFileAtomic(config, JSON.stringify(packConfig(policyExceptions), null, 2));
  return {
    args: ['--policy-pack', policyPack, '--policy-pack-config', config],
    env: { [noteVariable]: note },
    exitOf: async (code) => {
      const refused = existsSync(note);
      await rm(note, { force: true });
      return code !== 0 && refused ? 3 : code;
    },
  };
}

/** What the pack is told: each policy its own exceptions, and the one that tells of them all. */
export function packConfig(
  exceptions: readonly PolicyException[],
): Readonly<Record<string, { readonly exceptions: readonly PolicyException[] }>> {
  const byPolicy = Object.groupBy(exceptions, ({ policy }) => policy);
  const own = Object.entries(byPolicy).map(
    ([policy, those = []]) => [policy, { exceptions: those }] as const,
  );
  return { ...Object.fromEntries(own), 'exceptions-in-force': { exceptions } };
}

/**
 * The same for a command line of the CLI as the user typed it: nothing for a command that makes nothing. A stack's file
 * with mistakes is refused here, before the engine starts. SIDE EFFECTS: as preparePolicies.
 */
export async function policiesFor(argv: readonly string[]): Promise<PreparedPolicies> {
  const [command = ''] = argv.filter((word) => !word.startsWith('-'));
  const stack = stackOf(argv);
  const asksHelp = argv.includes('--help') || argv.includes('-h');
  if (!asksPolicies(command) || stack === 'dev' || asksHelp) return none;
  return preparePolicies(await configFor(stack, argv), join(runtimeFolder, stack));
}

async function configFor(stack: string, argv: readonly string[]): Promise<CutoverConfig> {
  const [{ parseStackFile }, { readConfig }, { loadStackConfig }] = await Promise.all([
    import('./stack-file.ts'),
    import('../infra/config.ts'),
    import('./config.ts'),
  ]);
  const path = configFileOf(argv);
  if (path === undefined) return loadStackConfig(stack);
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new CutoverError('CUT-1002', { file: path, reason: cause.message }, { cause });
  });
  const { values, ...rest } = parseStackFile(basename(path), text);
  return readConfig(values, { stack, ...rest });
}

function configFileOf(argv: readonly string[]): string | undefined {
  const place = argv.findIndex((word) => word === '--config-file' || word.startsWith('--config-file='));
  if (place < 0) return undefined;
  const word = argv[place] ?? '';
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : argv[place + 1];
}

async function refuseUnknown(exceptions: readonly PolicyException[]): Promise<void> {
  const [{ rules }, { nearest }] = await Promise.all([
    import('../policy/rules.ts'),
    import('../infra/config/nearest.ts'),
  ]);
  const known = rules.map(({ id }) => id);
  const odd = exceptions.find(({ policy }) => !known.includes(policy));
  if (odd === undefined) return;
  const near = nearest(odd.policy, known);
  throw new CutoverError('CUT-5461', {
    policy: odd.policy,
    hint: near === undefined ? `The policies are ${known.join(', ')}` : `Did you mean ${near}?`,
  });
}
