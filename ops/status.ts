import { Argument, type Command } from 'commander';
import type { ProcessStatus } from '@cutover/delivery/processes/list.ts';
import type { SystemReport } from '../infra/report.ts';
import { lastUpdateLine, type LastUpdate } from './last-update.ts';
import { duration, table, terminalOn, type Terminal } from './terminal.ts';
import { upgradeLine, waitingUpgrades, type WaitingUpgrade } from './waiting-upgrades.ts';

/** What `./cutover status --json` prints. */
export interface StatusReport {
  readonly stack: string;
  /** Whether everything that was brought up still stands: every process answers, every contract and program is there. */
  readonly healthy: boolean;
  /** When the state was last written; undefined when the stack was never brought up. */
  readonly updatedAt: string | undefined;
  /** How the last update ended, where that is known: one that stopped half-way has made less than the program says. */
  readonly lastUpdate: LastUpdate | undefined;
  readonly processes: readonly (ProcessStatus & { readonly healthy: boolean })[];
  readonly contracts: readonly ContractStatus[];
  /** Programs on Solana. */
  readonly programs: readonly ProgramStatus[];
  /** Upgrades of programs that wait for others or for the clock; they are no fault. */
  readonly upgrades: readonly WaitingUpgrade[];
  readonly systems: Readonly<Record<string, SystemReport>>;
}

/** One contract as its chain tells right now. */
export interface ContractStatus {
  readonly system: string;
  readonly name: string;
  readonly address: string;
  readonly chainId: number;
  readonly state: 'deployed' | 'missing' | 'unreachable';
}

/** One program as its cluster tells right now. */
export interface ProgramStatus {
  readonly system: string;
  readonly name: string;
  readonly program: string;
  readonly cluster: string;
  readonly state: 'runs' | 'missing' | 'unreachable';
}

/** `./cutover status [STACK]`: what runs, where, since when, and is it healthy. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show what runs, where, since when, and whether it is healthy')
    .addArgument(new Argument('[stack]', 'the stack').choices(['dev']).default('dev'))
    .option('--json', 'print it as JSON', false)
    .addHelpText(
      'after',
      `
It asks each process and each chain; it changes nothing and needs no engine. Exit code 1 when something is wrong.

Examples:
  ./cutover status
  ./cutover status --json`,
    )
    .action(async (stack: string, { json }: { readonly json: boolean }) => {
      const report = await statusReport(stack);
      if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else printStatus(report, terminalOn(process.stdout));
      process.exitCode = report.healthy || isDown(report) ? 0 : 1;
    });
}

/** Whether there is nothing that could run. */
function isDown({ processes, systems }: StatusReport): boolean {
  return processes.length === 0 && Object.keys(systems).length === 0;
}

/** Asks every process and every contract at once. */
export async function statusReport(stack: string): Promise<StatusReport> {
  const [{ readLocalState }, { lastUpdateOf }, { listProcesses }] = await Promise.all([
    import('./stack-state.ts'),
    import('./last-update.ts'),
    import('@cutover/delivery/processes/list.ts'),
  ]);
  const state = await readLocalState(stack);
  const systems = state?.systems ?? {};
  const [listed, contracts, programs, lastUpdate] = await Promise.all([
    listProcesses(stack, 500),
    contractsOf(systems),
    programsOf(systems),
    lastUpdateOf(stack, state?.pendingOperations ?? 0),
  ]);
  const processes = listed.map((each) => ({ ...each, healthy: each.state === 'healthy' }));
  const healthy =
    processes.length > 0 &&
    processes.every((each) => each.healthy) &&
    contracts.every((contract) => contract.state === 'deployed') &&
    programs.every((program) => program.state === 'runs');
  const upgrades = waitingUpgrades(state?.resources ?? [], Date.now());
  const { updatedAt } = state ?? {};
  return { stack, healthy, updatedAt, lastUpdate, processes, contracts, programs, upgrades, systems };
}

async function contractsOf(systems: StatusReport['systems']): Promise<readonly ContractStatus[]> {
  const all = Object.entries(systems).flatMap(([system, { contracts }]) =>
    contracts.map((contract) => ({ ...contract, system })),
  );
  return Promise.all(
    all.map(async ({ system, name, address, chainId, rpcUrl }) => ({
      system,
      name,
      address,
      chainId,
      state: rpcUrl === undefined ? 'unreachable' : await codeAt(rpcUrl, address),
    })),
  );
}

async function codeAt(rpcUrl: string, address: string): Promise<ContractStatus['state']> {
  const result = await asked(rpcUrl, 'eth_getCode', [address, 'latest']);
  if (result === undefined) return 'unreachable';
  return result === '0x' ? 'missing' : 'deployed';
}

async function programsOf(systems: StatusReport['systems']): Promise<readonly ProgramStatus[]> {
  const all = Object.entries(systems).flatMap(([system, { programs }]) =>
    (programs ?? []).map((program) => ({ ...program, system })),
  );
  return Promise.all(
    all.map(async ({ system, name, program, cluster, rpcUrl }) => ({
      ...{ system, name, program, cluster },
      state: rpcUrl === undefined ? 'unreachable' : await programAt(rpcUrl, program),
    })),
  );
}

async function programAt(rpcUrl: string, program: string): Promise<ProgramStatus['state']> {
  const how = { encoding: 'base64', commitment: 'confirmed', dataSlice: { offset: 0, length: 0 } };
  const result = (await asked(rpcUrl, 'getAccountInfo', [program, how])) as
    { readonly value: { readonly executable: boolean } | null } | undefined;
  if (result === undefined) return 'unreachable';
  return result.value?.executable === true ? 'runs' : 'missing';
}

/** What a node answers; undefined where it does not. Short: `status` is for whoever waits before a terminal. */
async function asked(rpcUrl: string, method: string, params: readonly unknown[]): Promise<unknown> {
  try {
    const answer = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(800),
    });
    return ((await answer.json()) as { readonly result?: unknown }).result;
  } catch {
    return undefined;
  }
}

function printStatus(report: StatusReport, terminal: Terminal): void {
  const { line, style } = terminal;
  const last = lastUpdateLine(report.stack, report.lastUpdate);
  if (isDown(report)) {
    if (last !== undefined) line(style('yellow', last));
    line(`Nothing of ${report.stack} runs here. ./cutover up brings it up.`);
    return;
  }
  const now = Date.now();
  const rows = report.processes.map(({ name, program, ports, since, pid, state, detail }) => [
    name,
    program,
    ports.map(({ port }) => `127.0.0.1:${port}`)[0] ?? '',
    duration(now - Date.parse(since)),
    String(pid),
    state === 'healthy' ? 'healthy' : `${state}: ${detail}`,
  ]);
  const [heading = '', ...lines] = table([['PROCESS', 'WHAT RUNS', 'WHERE', 'FOR', 'PID', 'STATE'], ...rows]);
  line(style('dim', heading));
  lines.forEach((text, i) => {
    const state = report.processes[i]?.state;
    line(state === 'healthy' ? text : style(state === 'dead' ? 'red' : 'yellow', text));
  });
  const contracts = report.contracts.map(({ name, address, chainId, state }) => ({
    cells: [name, address, String(chainId), state],
    isThere: state === 'deployed',
  }));
  const programs = report.programs.map(({ name, program, cluster, state }) => ({
    cells: [name, program, cluster, state],
    isThere: state === 'runs',
  }));
  printOnChain(['CONTRACT', 'ADDRESS', 'CHAIN', 'STATE'], contracts, terminal);
  printOnChain(['PROGRAM', 'ADDRESS', 'CLUSTER', 'STATE'], programs, terminal);
  if (report.upgrades.length > 0) line();
  for (const upgrade of report.upgrades) line(style('yellow', upgradeLine(upgrade)));
  line();
  const wrong = [
    ...report.processes.filter(({ healthy }) => !healthy),
    ...[...contracts, ...programs].filter(({ isThere }) => !isThere),
  ].length;
  if (last !== undefined) line(style('yellow', last));
  if (report.healthy) {
    const all = last === undefined ? `All of ${report.stack}` : 'All that was made';
    line(style('green', `${all} is healthy.`));
  } else if (wrong === 0) {
    line(
      style('red', `No process of ${report.stack} is written down in .cutover/${report.stack}/processes.`),
    );
    line('./cutover up takes over or stops what still runs of them, and writes it down.');
  } else {
    line(style('red', `${wrong} of ${rows.length + contracts.length + programs.length} are not well.`));
    line(
      './cutover up brings back what is not; logs are in .cutover/' + `${report.stack}/processes/NAME/log`,
    );
  }
}

function printOnChain(
  heading: readonly string[],
  rows: readonly { readonly cells: readonly string[]; readonly isThere: boolean }[],
  { line, style }: Terminal,
): void {
  if (rows.length === 0) return;
  const [head = '', ...rest] = table([heading, ...rows.map(({ cells }) => cells)]);
  line();
  line(style('dim', head));
  rest.forEach((text, i) => line(rows[i]?.isThere === true ? text : style('red', text)));
}
