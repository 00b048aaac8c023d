import { Argument, InvalidArgumentError, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import type { ReleaseKey } from '../infra/releases.ts';
import type { ChainResource } from './chain-resources.ts';
import type { RecordedOperation } from './operations-log.ts';
import { keyOf } from './system-name.ts';
import type { Deed } from './up.ts';

interface RollbackOptions {
  readonly to?: string;
  readonly reason: string;
  readonly json: boolean;
}

/** `./cutover rollback STACK SYSTEM`: takes facets, or a program, of a system back to another release. */
export function registerRollback(program: Command): void {
  program
    .command('rollback')
    .description('take a system back to another release, and bring the stack to it')
    .addArgument(new Argument('<stack>', 'the stack').choices(['dev']))
    .argument('<system>', 'the system, gemforce say')
    .option('--to <release>', 'the release to go to; left out: the one that was served before')
    .requiredOption('--reason <text>', 'why; it is written down', someText)
    .option('--json', 'print the result as JSON on standard output', false)
    .addHelpText(
      'after',
      `
It writes the release into the stack's file, which is then as it would be after a change by hand, and runs the update:
for a diamond one cut, shown selector by selector. Who did it, when and why is kept in .cutover/STACK/operations.jsonl.
When the update fails, the file keeps the release: the same command goes on from there, and so does ./cutover up.

An exchange (godark) is paused first, positions are closed at the mark price and funds returned; it runs again when the
old program does. Each step waits until the chain confirms the one before it; docs/godark.md tells more.

Examples:
  ./cutover rollback dev gemforce --reason "purchases fail"             to what was served before
  ./cutover rollback dev gemforce --to v1 --reason "purchases fail since v2"
  ./cutover rollback dev godark --reason "v2 settles at wrong prices"`,
    )
    .action(async (stack: string, system: string, options: RollbackOptions) => {
      process.exitCode = await rollback(stack, system, options);
    });
}

async function rollback(
  stack: string,
  system: string,
  { to, reason, json }: RollbackOptions,
): Promise<number> {
  const [{ loadStackConfig }, { exchangeKeys }, { releaseKeys }, { setStackValue }, { recorded }, { up }] =
    await Promise.all([
      import('./config.ts'),
      import('../infra/exchanges.ts'),
      import('../infra/releases.ts'),
      import('./stack-edit.ts'),
      import('./operations-log.ts'),
      import('./up.ts'),
    ]);
  const config = await loadStackConfig(stack);
  const key = keyOf({ ...releaseKeys(config), ...exchangeKeys(config) }, system, 'CUT-5112');
  if ('releases' in key) {
    const { rollbackExchange } = await import('./exchange/rollback.ts');
    return rollbackExchange(stack, system, key, { to, reason, json });
  }
  const { what, facets, current: from } = key;
  const cut = await cutOf(stack, key);
  const release = to ?? (await servedBefore(stack, system, key, cut));
  if (release === undefined || !Object.hasOwn(facets, release)) {
    const given = to === undefined ? 'Nothing is known of an earlier release' : `There is no release ${to}`;
    throw new CutoverError('CUT-5113', {
      given,
      what,
      choices: Object.keys(facets).join(', '),
      current: from,
    });
  }
  const output = json ? process.stderr : process.stdout;
  const deed: Deed = {
    command: './cutover rollback',
    before: async () => {
      await setStackValue(stack, key.path, release);
      const said = from === release ? 'says so already' : 'says so now';
      output.write(`Rollback of ${what}: ${from} -> ${release}. Pulumi.${stack}.yaml ${said}.\n`);
    },
    after: async ({ outcome }) => {
      const { serves, waits } = await servedNow(stack, key);
      const result = { system, what, from, to: release, serves, waits };
      return { json: result, lines: rollbackLines(stack, outcome === 'done', result) };
    },
  };
  return recorded(stack, { command: 'rollback', system, reason, from, to: release }, async () => ({
    exit: await up(stack, { json, refresh: false }, deed),
  }));
}

/** How a rollback ended. */
export interface RollbackResult {
  readonly system: string;
  /** What it is the release of, in words. */
  readonly what: string;
  readonly from: string;
  readonly to: string;
  /** The release that is served now, by the chain; undefined when that does not answer. */
  readonly serves: string | undefined;
  /** What has to happen before the change is made, where an authority has to agree. */
  readonly waits: readonly string[];
}

/** What is told behind the update: what is served now, and the way back. */
export function rollbackLines(stack: string, done: boolean, result: RollbackResult): readonly string[] {
  const { system, what, from, to, serves, waits } = result;
  const command = `./cutover rollback ${stack} ${system}`;
  const isServed = serves === to;
  const holds =
    serves === undefined ? 'what is served is not known: its chain does not answer' : `${serves} is served`;
  const next = [
    ...(done
      ? []
      : [`Pulumi.${stack}.yaml says ${to}: the same command goes on from here, and so does ./cutover up.`]),
    ...(done && !isServed
      ? [`./cutover approve ${stack} shows what waits and approves it; any update then goes on.`]
      : []),
    ...(from === to ? [] : [`Back again: ${command} --to ${from} --reason TEXT`]),
  ];
  if (isServed) return ['', `Served now: ${to} of ${what}.`, ...next];
  return ['', `Not yet ${to} of ${what}: ${holds}.`, ...waits.map((each) => `  ${each}`), ...next];
}

/**
 * The release that a system served before the one that the stack says now; undefined where nothing is known of any. A
 * rollback that was refused or failed says nothing of where it was to go: that may never have been served.
 */
export function earlierRelease(
  operations: readonly Pick<RecordedOperation, 'command' | 'system' | 'from' | 'to' | 'exit'>[],
  system: string,
  current: string,
): string | undefined {
  return operations
    .filter((each) => each.command === 'rollback' && each.system === system)
    .flatMap(({ from, to, exit }, index, all) => {
      const last = all[index - 1];
      const cameThrough = last === undefined || last.exit === 0 || last.to !== from;
      return [...(cameThrough ? [from] : []), ...(exit === 0 ? [to] : [])];
    })
    .findLast((release) => release !== current);
}

/** By the log of operations; where that says nothing, by what the diamond served before its last cut. */
async function servedBefore(
  stack: string,
  system: string,
  key: ReleaseKey,
  cut: ChainResource | undefined,
): Promise<string | undefined> {
  const [{ readOperations }, { releaseIn }] = await Promise.all([
    import('./operations-log.ts'),
    import('../infra/releases.ts'),
  ]);
  const logged = earlierRelease(await readOperations(stack), system, key.current);
  if (logged !== undefined) return logged;
  const { before } = (cut?.outputs ?? {}) as { before?: Record<string, string> };
  const served = releaseIn(before ?? {}, key);
  return served === key.current ? undefined : served;
}

async function servedNow(stack: string, key: ReleaseKey): Promise<Pick<RollbackResult, 'serves' | 'waits'>> {
  const [{ lookAtAll }, { releaseIn }] = await Promise.all([
    import('./chain-resources.ts'),
    import('../infra/releases.ts'),
  ]);
  const cut = await cutOf(stack, key);
  const [look] = cut === undefined ? [] : await lookAtAll([cut]);
  const { serves } = (look?.found ?? {}) as { serves?: Record<string, string> };
  return { serves: releaseIn(serves ?? {}, key), waits: look?.told ?? [] };
}

/** The cut in the state; undefined when the last update did not come that far. Refused when there was none. */
async function cutOf(stack: string, { cut }: ReleaseKey): Promise<ChainResource | undefined> {
  const [{ readLocalState }, { chainResources }] = await Promise.all([
    import('./stack-state.ts'),
    import('./chain-resources.ts'),
  ]);
  const state = await readLocalState(stack);
  if (state === undefined || state.resources.length === 0) throw new CutoverError('CUT-5110', { stack });
  return chainResources(state).find(({ type, name }) => type === 'Cut' && name === cut);
}

function someText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It says nothing.');
  return text;
}
