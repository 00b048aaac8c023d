import { Argument, Option, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import type { CutoverConfig } from '../infra/config.ts';
import type { Asked } from './orphans/cli.ts';
import type { Imported } from './orphans/import.ts';
import type { Found, Known } from './orphans/plan.ts';
import type { Deletion, Source } from './orphans/source.ts';
import { terminalOn, type Terminal } from './terminal.ts';

/** What `./cutover orphans` is told besides the stack. */
export interface OrphansOptions {
  readonly twin: boolean;
  readonly delete: boolean;
  readonly import: boolean;
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
    .option('--import', 'take what the program makes into the state, so that the next update goes on', false)
    .addOption(
      new Option('--delete', 'delete it; in AWS what holds no data and nothing stands on')
        .default(false)
        .conflicts('import'),
    )
    .option('--yes', 'import or delete without asking', false)
    .option('--json', 'print it as JSON on standard output', false)
    .addHelpText(
      'after',
      `
It tells since when each is there, what it costs in a month, and which resource of the program it is. In AWS it prints
the command that deletes each. docs/orphans.md

Examples:
  ./cutover orphans staging
  ./cutover orphans staging --import
  ./cutover orphans staging --delete
  ./cutover orphans staging --twin --delete`,
    )
    .action(async (stack: string, options: OrphansOptions) => {
      process.exitCode = await orphans(stack, options);
    });
}

/**
 * Finds what is left over of a stack, and imports or deletes it where told. The exit code. SIDE EFFECTS: asks the cloud,
 * may delete, may write the state.
 */
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
  const [{ orphansOf }, { toldOf }, report] = await Promise.all([
    import('./orphans/plan.ts'),
    import('./orphans/cost.ts'),
    import('./orphans/report.ts'),
  ]);
  const terminal = terminalOn(options.json ? process.stderr : process.stdout);
  terminal.line(`What ${stack} has left in ${source.place}`);
  const ours = await source.ours();
  const { resources, pending } = await source.state();
  terminal.progress('Asking since when it is there');
  const found = await source.aged(orphansOf(ours, resources));
  const asked = await askWhere(source, found, options, terminal);
  const told = toldOf(found, ours, asked.steps);
  if (found.length === 0) terminal.line(`Nothing: the state knows all ${ours.length} things that are there.`);
  else report.orphanLines(told, Date.now()).forEach((line) => terminal.line(line));
  if (asked.problem !== undefined) {
    terminal.line(`What the program says of it could not be asked to the end: ${asked.problem}`);
  }
  if (pending > 0) {
    terminal.line(
      `The state was written in the middle of ${pending} operations: an update is at work, and makes some of it, or was killed.`,
    );
  }
  const lines = source.kind === 'aws' && !options.import ? report.commandLines(found) : [];
  if (lines.length > 0)
    ['', 'To delete it, from the first to the last:', ...lines].forEach((line) => terminal.line(line));
  if ((options.delete || options.import) && source.kind === 'aws') {
    if (found.length > 0 && found.length === ours.length) {
      throw new CutoverError('CUT-5489', { stack, count: ours.length });
    }
  }
  const deletion = await remove(stack, source, found, options, terminal);
  const imported = await adopt(stack, source, found, asked, options, terminal);
  if (options.json) {
    const counts = { things: ours.length, resources: resources.length, pending };
    const done = deletion && {
      deleted: deletion.gone.map(report.orphanReport),
      stays: deletion.stays.map(({ orphan, why }) => ({ ...report.orphanReport(orphan), why })),
    };
    const result = {
      ...{ stack, source: source.kind, ...counts, orphans: told.map(report.toldReport) },
      ...(asked.problem !== undefined && { problem: asked.problem }),
      ...(lines.length > 0 && { lines }),
      ...done,
      ...(imported && report.importReport(imported)),
    };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  }
  return [...(deletion?.stays ?? []), ...(imported?.stays ?? [])].length === 0 ? 0 : 1;
}

/** What the program would make. The twin knows what its things were made with: there it is asked for an import only. */
async function askWhere(
  source: Source,
  found: readonly Found[],
  options: OrphansOptions,
  terminal: Terminal,
): Promise<Asked> {
  const isSized = source.kind === 'aws' && found.length > 0;
  if (!options.import && (!isSized || options.delete)) return { steps: [] };
  terminal.progress('Asking the program which of its resources that is');
  const { askProgram } = await import('./orphans/cli.ts');
  return askProgram(await source.program());
}

/**
 * Deletes orphans where that was asked for. Undefined where nothing was to be deleted, or somebody said no. In AWS nothing
 * is deleted of what is locked; the twin's is free.
 */
async function remove(
  stack: string,
  source: Source,
  found: readonly Found[],
  options: OrphansOptions,
  terminal: Terminal,
): Promise<Deletion | undefined> {
  if (!options.delete || found.length === 0) return undefined;
  if (source.kind === 'aws') {
    const { refuseLocked } = await import('./protection/guard.ts');
    await refuseLocked(stack, `./cutover orphans ${stack} --delete`);
  }
  if (!(await isMeant('Delete all of it?', '--delete', options, terminal))) return undefined;
  const deletion = await source.delete(found);
  terminal.line(`Deleted ${deletion.gone.length} of ${found.length}.`);
  for (const { orphan, why } of deletion.stays) terminal.line(`  ${orphan.type} ${orphan.id} stays: ${why}`);
  return deletion;
}

/**
 * Imports orphans where that was asked for. Nothing is lost by it, so a lock does not stand against it. Where there are
 * none, it still makes good what an import that was killed has left.
 */
async function adopt(
  stack: string,
  source: Source,
  found: readonly Found[],
  asked: Asked,
  options: OrphansOptions,
  terminal: Terminal,
): Promise<Imported | undefined> {
  if (!options.import) return undefined;
  if (asked.steps.length === 0) {
    if (found.length === 0) return undefined;
    throw new CutoverError('CUT-5490', { stack, lines: `  ${asked.problem ?? 'it makes nothing'}` });
  }
  const [{ importOrphans, importPlan }, { importLines, importPlanLines }] = await Promise.all([
    import('./orphans/import.ts'),
    import('./orphans/report.ts'),
  ]);
  const known = async (): Promise<readonly Known[]> => (await source.state()).resources;
  const plan = importPlan(found, asked.steps, await known());
  if (plan.importables.length > 0) {
    importPlanLines(plan).forEach((line) => terminal.line(line));
    if (!(await isMeant('Import it?', '--import', options, terminal))) return undefined;
  }
  const place = await source.program();
  terminal.progress('Importing');
  const imported = await importOrphans(found, { place, known }, asked);
  if (found.length > 0) importLines(imported).forEach((line) => terminal.line(line));
  return imported;
}

async function isMeant(
  question: string,
  option: string,
  { yes }: OrphansOptions,
  terminal: Terminal,
): Promise<boolean> {
  const { goesOn } = await import('./ask.ts');
  if (yes || (await goesOn(question, `./cutover orphans ${option}`))) return true;
  terminal.line('Nothing was changed.');
  return false;
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
    return openTwinSource(stack, named ?? twinFolder(stack), environment, 'cutover', folder);
  }
  const [{ awsSource }, { signedInTo }] = await Promise.all([
    import('./orphans/aws-source.ts'),
    import('./bootstrap/aws.ts'),
  ]);
  const known = Object.keys(regions);
  await signedInTo(stack, aws.account, known[0] ?? 'us-east-1');
  return awsSource({ stack, environment, account: aws.account, regions: known, folder });
}
