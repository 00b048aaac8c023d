import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import { table, terminalOn } from './terminal.ts';
import type { Cloud, KeptThing } from './twin/cloud.ts';

interface TwinCommandOptions {
  readonly folder?: string;
  readonly json?: boolean;
  readonly stop?: boolean;
}

/** `./cutover twin …`: looks into the twin's cloud, changes it by hand, makes its calls fail. */
export function registerTwin(program: Command): void {
  const twin = program
    .command('twin')
    .description('the cloud that a rehearsal runs on: see it, change it, make it fail');
  const inTwin = (name: string, description: string): Command =>
    twin
      .command(name)
      .description(description)
      .argument('[stack]', 'the stack that was rehearsed')
      .option('--folder <path>', 'a scratch folder that is elsewhere');
  inTwin('ls', 'list what there is')
    .option('--json', 'print it as JSON', false)
    .action((stack: string | undefined, options: TwinCommandOptions) =>
      onCloud(stack, options, (cloud) =>
        options.json === true ? print(thingsReport(cloud)) : printThings(cloud),
      ),
    );
  inTwin('ledger', 'list the calls that were made')
    .option('--json', 'print it as JSON', false)
    .action((stack: string | undefined, options: TwinCommandOptions) =>
      onCloud(stack, options, (cloud) =>
        options.json === true ? print(cloud.ledger()) : printLedger(cloud),
      ),
    );
  inTwin('edit', 'change a property by hand, as somebody might in the console')
    .requiredOption('--id <id>', 'the id that `./cutover twin ls` shows')
    .requiredOption(
      '--set <property=value>',
      'the value is JSON, or plain text; without a value it is taken away',
    )
    .addHelpText(
      'after',
      `
The next \`pulumi refresh\` sees it as drift.

Examples:
  ./cutover twin edit staging --id vpc-0a1b2c --set tags.Owner=somebody
  ./cutover twin edit staging --id db-main --set deletionProtection=false`,
    )
    .action(
      (
        stack: string | undefined,
        options: TwinCommandOptions & { readonly id: string; readonly set: string },
      ) =>
        onCloud(stack, options, async (cloud) => {
          const { edit } = await import('./twin/edit.ts');
          process.stdout.write(`${options.id}: ${edit(cloud, options.id, options.set)} is changed\n`);
        }),
    );
  inTwin('fault', 'make calls fail; without a rule, list those that are set')
    .option('--rule <rule...>', 'what fails, and how; they take the place of those that are set')
    .option('--clear', 'set none', false)
    .addHelpText(
      'after',
      `
A rule reads OPERATION TYPE [#CALL | PERCENT%] HOW [CODE].
  OPERATION  create, update, delete, read, configure or *
  TYPE       a type, with * for any letters
  #CALL      only the first (#1), second … such call for a resource
  PERCENT%   only in so many of a hundred calls; the twin's seed tells in which
  HOW        before              an error, and nothing has happened
             after               it has happened, then waiting for it failed
             lost                it has happened, and the answer was lost
             throttled:TIMES     refused so many times, then fine
             slow:SECONDS        takes so much longer
             dies-before, dies-after   the plugin ends in the middle of the call

Examples:
  ./cutover twin fault staging --rule 'create aws:rds/instance:Instance #1 after'
  ./cutover twin fault staging --rule 'create * #1 before' 'delete * 5% lost'`,
    )
    .action(
      (
        stack: string | undefined,
        options: TwinCommandOptions & { readonly rule?: string[]; readonly clear: boolean },
      ) =>
        onCloud(stack, options, async (cloud) => {
          const { parseRule } = await import('./twin/faults.ts');
          const rules = options.clear ? [] : options.rule;
          rules?.forEach(parseRule);
          if (rules !== undefined) cloud.setFaults(rules);
          const set = cloud.faults();
          process.stdout.write(set.length === 0 ? 'No calls are made to fail.\n' : `${set.join('\n')}\n`);
        }),
    );
  inTwin('live', 'bring what is real behind a rehearsal that was kept, and show where it stands')
    .option('--stop', 'end it all; the cloud stays', false)
    .action(async (stack: string | undefined, options: TwinCommandOptions) => {
      const { bringLive, endLive } = await import('./twin/live-command.ts');
      const work = options.stop === true ? endLive : bringLive;
      await work(await folderOf(stack, options), terminalOn(process.stdout));
    });
}

async function onCloud(
  stack: string | undefined,
  options: TwinCommandOptions,
  work: (cloud: Cloud) => void | Promise<void>,
): Promise<void> {
  const { openCloud } = await import('./twin/cloud.ts');
  const cloud = openCloud(await folderOf(stack, options));
  try {
    await work(cloud);
  } finally {
    cloud.close();
  }
}

async function folderOf(stack: string | undefined, { folder }: TwinCommandOptions): Promise<string> {
  const { twinFolder } = await import('./twin/scratch.ts');
  const where = folder ?? (stack === undefined ? undefined : twinFolder(stack));
  if (where === undefined) throw new CutoverError('CUT-5333');
  return resolve(where);
}

/** Things as `./cutover twin ls --json` prints them: secrets are not shown. */
function thingsReport(cloud: Cloud): readonly object[] {
  return cloud.things().map(({ secrets, createdMs, readyMs, ...thing }) => ({
    ...thing,
    inputs: withoutSecrets(thing.inputs, secrets),
    outputs: withoutSecrets(thing.outputs, secrets),
    created: new Date(createdMs).toISOString(),
    ready: new Date(readyMs).toISOString(),
  }));
}

function withoutSecrets(values: KeptThing['inputs'], secrets: readonly string[]): Record<string, unknown> {
  const holds = (name: string): boolean => secrets.some((path) => path.split(/[.[]/)[0] === name);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, holds(name) ? '[secret]' : value]),
  );
}

function printThings(cloud: Cloud): void {
  const { line, style } = terminalOn(process.stdout);
  const things = cloud.things();
  if (things.length === 0) return line('There is nothing.');
  const rows = things.map(({ type, id, region, urn, readyMs }) => [
    type,
    id,
    region,
    urn.split('::').at(-1) ?? '',
    readyMs > Date.now() ? 'in progress' : '',
  ]);
  const [heading = '', ...lines] = table([['TYPE', 'ID', 'REGION', 'RESOURCE', ''], ...rows]);
  line(style('dim', heading));
  lines.forEach((text) => line(text));
}

function printLedger(cloud: Cloud): void {
  const { line, style } = terminalOn(process.stdout);
  const rows = cloud
    .ledger()
    .map(({ seq, at, operation, type, id, outcome, code }) => [
      String(seq),
      new Date(at).toISOString().slice(11, 23),
      operation,
      type,
      id,
      code === undefined ? outcome : `${outcome}: ${code}`,
    ]);
  if (rows.length === 0) return line('No call was made.');
  const [heading = '', ...lines] = table([['#', 'AT', 'CALL', 'TYPE', 'ID', 'OUTCOME'], ...rows]);
  line(style('dim', heading));
  lines.forEach((text) => line(text));
}

function print(report: unknown): void {
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}
