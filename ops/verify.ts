import { Argument, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import type { ChainLook } from './chain-resources.ts';
import { table, terminalOn, type Terminal } from './terminal.ts';

/** What `./cutover verify --json` prints. */
export interface VerifyReport {
  readonly stack: string;
  /** Whether everything on the chains was seen and is as the state says. */
  readonly sound: boolean;
  readonly resources: readonly Omit<ChainLook, 'found'>[];
}

/** `./cutover verify [STACK]`: holds everything on the chains against the state. */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('hold everything on the chains against the state: code, routes, roles, pauses')
    .addArgument(new Argument('[stack]', 'the stack').choices(['dev']).default('dev'))
    .option('--json', 'print it as JSON', false)
    .addHelpText(
      'after',
      `
Every contract has its code, every facet of a diamond has code and every function routes to it, roles have the holders
that are wanted, what should run is not paused; and how far explorers are with the sources. It asks the chains and
changes nothing. Exit code 1 when something is not as it should be, or could not be looked at.

Examples:
  ./cutover verify
  ./cutover verify --json | jq '.resources[] | select(.state != "sound")'`,
    )
    .action(async (stack: string, { json }: { readonly json: boolean }) => {
      const report = await verifyReport(stack);
      if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else printReport(report, terminalOn(process.stdout));
      process.exitCode = report.sound ? 0 : 1;
    });
}

/** Looks at every resource of every chain. SIDE EFFECTS: asks chains and explorers. */
export async function verifyReport(stack: string): Promise<VerifyReport> {
  const [{ readLocalState }, { chainResources, lookAtAll }] = await Promise.all([
    import('./stack-state.ts'),
    import('./chain-resources.ts'),
  ]);
  const state = await readLocalState(stack);
  if (state === undefined || state.resources.length === 0) throw new CutoverError('CUT-5110', { stack });
  const resources = (await lookAtAll(chainResources(state))).map(({ found: _, ...look }) => look);
  return { stack, sound: resources.every((look) => look.state === 'sound'), resources };
}

const words = { sound: 'as it should be', unseen: 'not seen' } as const;

/** The report for people. */
export function printReport({ stack, sound, resources }: VerifyReport, { line, style }: Terminal): void {
  const rows = resources.map(({ name, type, address, network, state, faults }) => [
    ...[name, type, address, network],
    state === 'faulty' ? `${faults.length} fault${faults.length === 1 ? '' : 's'}` : words[state],
  ]);
  const [heading = '', ...lines] = table([['NAME', 'WHAT', 'ADDRESS', 'CHAIN', 'STATE'], ...rows]);
  line(style('dim', heading));
  for (const [index, { state, faults, told }] of resources.entries()) {
    const text = lines[index] ?? '';
    line(state === 'sound' ? text : style('red', text));
    if (state === 'faulty') for (const fault of faults) line(`    ${style('red', fault)}`);
    for (const each of told) line(`    ${style('yellow', each)}`);
  }
  line();
  if (sound) {
    line(style('green', `All ${resources.length} on the chains of ${stack} are as they should be.`));
    return;
  }
  const faulty = resources.filter(({ state }) => state === 'faulty').length;
  if (faulty > 0) {
    line(style('red', `${faulty} of ${resources.length} are not as they should be.`));
    line('./cutover up mends what it may, and says what it would not touch. ./cutover resume ends a pause.');
  }
  // One endpoint that is down is the reason of all that it would have answered.
  const unseen = Map.groupBy(
    resources.filter(({ state }) => state === 'unseen'),
    ({ faults }) => faults.join(' '),
  );
  for (const [reason, { length }] of unseen) {
    line(style('red', `${length} of ${resources.length} could not be looked at: ${reason}`));
  }
}
