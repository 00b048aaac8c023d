import { Argument, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import type { CutoverConfig } from '../infra/config.ts';
import type { Found } from './orphans/plan.ts';
import type { Deletion, Source } from './orphans/source.ts';
import { terminalOn, type Terminal } from './terminal.ts';

/** What `./cutover orphans` is told besides the stack. */
export interface OrphansOptions {
  readonly twin: boolean;
  readonly delete: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

/** `./cutover orphans STACK`: what a crash has left in the cloud and in no state. */
export function registerOrphans(program: Command): void {
  program
    .command('orphans')
    .description('find what is in the cloud with our tags and in no state')
    .addArgument(new Argument('<stack>', 'staging or prod'))
    .option('--twin', 'on the twin of the stack, not in AWS', false)
    .option('--delete', 'delete it; in AWS what holds no data and nothing stands on', false)
    .option('--yes', 'delete without asking', false)
    .option('--json', 'print it as JSON on standard output', false)
    .addHelpText(
      'after',
      `
In AWS it prints the command that deletes each. docs/orphans.md

Examples:
  ./cutover orphans staging
  ./cutover orphans staging --delete
  ./cutover orphans staging --twin --delete`,
    )
    .action(async (stack: string, options: OrphansOptions) => {
      process.exitCode = await orphans(stack, options);
    });
}

/** Finds what is left over of a stack, and deletes it where told. The exit code. SIDE EFFECTS: asks the cloud, may delete. */
export async function orphans(stack: string, options: OrphansOptions, folder = projectRoot): Promise<number> {
  const { loadStackConfig } = await import('./config.ts');
  const source = await sourceOf(stack, await loadStackConfig(stack, folder), options, folder);
  try {
    return await search(stack, source, options);
  } finally {
    source.close();
  }
}

async function search(stack: string, source: Source, options: OrphansOptions): Promise<number> {
  const [{ orphansOf }, report] = await Promise.all([
    import('./orphans/plan.ts'),
    import('./orphans/report.ts'),
  ]);
  const terminal = terminalOn(options.json ? process.stderr : process.stdout);
  terminal.line(`What ${stack} has left in ${source.place}`);
  const ours = await source.ours();
  const { resources, pending } = await source.state();
  const found = orphansOf(ours, resources);
  if (found.length === 0) terminal.line(`Nothing: the state knows all ${ours.length} things that are there.`);
  else report.orphanLines(found, Date.now()).forEach((line) => terminal.line(line));
  if (pending > 0) {
    terminal.line(
      `The state was written in the middle of ${pending} operations: an update is at work, and makes some of it, or was killed.`,
    );
  }
  const lines = source.kind === 'aws' ? report.commandLines(found) : [];
  if (lines.length > 0)
    ['', 'To delete it, from the first to the last:', ...lines].forEach((line) => terminal.line(line));
  if (options.delete && source.kind === 'aws') await refuseUnsure(stack, ours.length, found.length);
  const deletion = await remove(source, found, options, terminal);
  if (options.json) {
    const counts = { things: ours.length, resources: resources.length, pending };
    const told = { stack, source: source.kind, ...counts, orphans: found.map(report.orphanReport) };
    const done = deletion && {
      deleted: deletion.gone.map(report.orphanReport),
      stays: deletion.stays.map(({ orphan, why }) => ({ ...report.orphanReport(orphan), why })),
    };
    process.stdout.write(
      `${JSON.stringify({ ...told, ...(lines.length > 0 && { lines }), ...done }, null, 2)}\n`,
    );
  }
  return deletion === undefined || deletion.stays.length === 0 ? 0 : 1;
}

/** In AWS nothing is deleted of what is locked, nor where the state may be another stack's; the twin's was refused before. */
async function refuseUnsure(stack: string, things: number, orphans: number): Promise<void> {
  if (orphans > 0 && orphans === things) throw new CutoverError('CUT-5489', { stack, count: things });
  const { refuseLocked } = await import('./protection/guard.ts');
  await refuseLocked(stack, `./cutover orphans ${stack} --delete`);
}

/** Deletes orphans where that was asked for. Undefined where nothing was to be deleted, or somebody said no. */
async function remove(
  source: Source,
  found: readonly Found[],
  options: OrphansOptions,
  terminal: Terminal,
): Promise<Deletion | undefined> {
  if (!options.delete || found.length === 0) return undefined;
  const { goesOn } = await import('./ask.ts');
  if (!options.yes && !(await goesOn('Delete all of it?', './cutover orphans --delete'))) {
    terminal.line('Nothing was changed.');
    return undefined;
  }
  const deletion = await source.delete(found);
  terminal.line(`Deleted ${deletion.gone.length} of ${found.length}.`);
  for (const { orphan, why } of deletion.stays) terminal.line(`  ${orphan.type} ${orphan.id} stays: ${why}`);
  return deletion;
}

/** The twin where it is meant or the environment is set up for one, else the stack's account. */
async function sourceOf(
  stack: string,
  { aws, environment, regions }: CutoverConfig,
  options: OrphansOptions,
  folder: string,
): Promise<Source> {
  if (aws === undefined || environment === 'dev') throw new CutoverError('CUT-5470', { stack });
  const named = process.env['CUTOVER_TWIN'];
  if (options.twin || named !== undefined) {
    const [{ openTwinSource }, { twinFolder }] = await Promise.all([
      import('./orphans/twin-source.ts'),
      import('./twin/scratch.ts'),
    ]);
    return openTwinSource(stack, named ?? twinFolder(stack), environment);
  }
  const [{ awsSource }, { signedInTo }] = await Promise.all([
    import('./orphans/aws-source.ts'),
    import('./bootstrap/aws.ts'),
  ]);
  const known = Object.keys(regions);
  await signedInTo(stack, aws.account, known[0] ?? 'us-east-1');
  return awsSource({ stack, environment, account: aws.account, regions: known, folder });
}
