import { Argument, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import type { ChainLook } from './chain-resources.ts';
import { table, terminalOn, type Terminal } from './terminal.ts';

/** What `./cutover verify --json` prints. */
export interface VerifyReport {
  readonly stack: string;
  /** Whether everything on the chains is as the state says. */
  readonly sound: boolean;
  readonly resources: readonly ChainLook[];
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
that are wanted, what should run is not paused. It asks the chains and changes nothing. Exit code 1 when something is
not as it should be.

Examples:
  ./cutover verify
  ./cutover verify --json | jq '.resources[] | select(.faults != [])'`,
    )
    .action(async (stack: string, { json }: { readonly json: boolean }) => {
      const report = await verifyReport(stack);
      if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else printReport(report, terminalOn(process.stdout));
      process.exitCode = report.sound ? 0 : 1;
    });
}

/** Looks at every resource of every chain, one after the other. SIDE EFFECTS: asks the chains. */
export async function verifyReport(stack: string): Promise<VerifyReport> {
  const [{ readLocalState }, { chainResources, lookAt }] = await Promise.all([
    import('./stack-state.ts'),
    import('./chain-resources.ts'),
  ]);
  const state = await readLocalState(stack);
  if (state === undefined || state.resources.length === 0) throw new CutoverError('CUT-5110', { stack });
  const resources: ChainLook[] = [];
  // One after the other: what is told on the way belongs to the one that is looked at.
  for (const resource of chainResources(state)) resources.push(await lookAt(resource));
  return { stack, sound: resources.every(({ faults }) => faults.length === 0), resources };
}

function printReport({ stack, sound, resources }: VerifyReport, { line, style }: Terminal): void {
  const rows = resources.map(({ name, type, address, network, faults }) => [
    name,
    type,
    address,
    network,
    faults.length === 0 ? 'as it should be' : `${faults.length} fault(s)`,
  ]);
  const [heading = '', ...lines] = table([['NAME', 'WHAT', 'ADDRESS', 'CHAIN', 'STATE'], ...rows]);
  line(style('dim', heading));
  lines.forEach((text, index) => {
    const { faults = [], told = [] } = resources[index] ?? {};
    line(faults.length === 0 ? text : style('red', text));
    for (const fault of faults) line(`    ${style('red', fault)}`);
    for (const each of told) line(`    ${style('yellow', each)}`);
  });
  line();
  const wrong = resources.filter(({ faults }) => faults.length > 0).length;
  if (sound) line(style('green', `All ${resources.length} on the chains of ${stack} are as they should be.`));
  else {
    line(style('red', `${wrong} of ${resources.length} are not as they should be.`));
    line('./cutover up --refresh mends what it may; it says what it would not touch.');
  }
}
