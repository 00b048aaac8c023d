import { cpus, loadavg } from 'node:os';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { table } from '../../../ops/terminal.ts';
import type { Clone } from '../../engine/clone.ts';
import { median } from '../figures.ts';
import { changeRows } from './change.ts';
import { killAndGoOn } from './kill.ts';
import { measure, type Measured, type Setting } from './measure.ts';
import { buildPeers, compileContracts, installPeers, peersFolder } from './peers.ts';
import { writeSources } from './sources.ts';
import { systemOf } from './system.ts';
import { makeEngineClone, oursByEngine, tools, type Tool } from './tools.ts';

// `node test/bench/deployment/main.ts`: the same contracts deployed by ours and by its peers, on the same node in the
// same run. It judges nothing, and needs Linux for the figures of memory.
const runs = Number(process.env['CUTOVER_BENCH_RUNS'] ?? 3);
const named = process.env['CUTOVER_BENCH_TOOLS']?.split(',');
const parts = (process.env['CUTOVER_BENCH_PARTS'] ?? 'main,kill,sizes,slow,change').split(',');
const sizes = (process.env['CUTOVER_BENCH_SIZES'] ?? '1,4,64').split(',').map(Number);
const timeoutMs = 300_000;

const million = 1_000_000;
const main: Setting = { facets: 16, blockSeconds: 1, blockGasLimit: 30 * million };
const wanted = [
  ...new Set([
    main.facets,
    ...(parts.includes('sizes') ? sizes : []),
    ...(parts.includes('change') ? [64] : []),
  ]),
];

installPeers();
writeSources(join(peersFolder, 'contracts'), Math.max(...wanted));
compileContracts();
const peers = ['forge', 'forge-create', 'forge-resume', 'ignition', 'ignition-1', 'hardhat-deploy'];
if (peers.some((name) => named?.includes(name) ?? true))
  buildPeers(
    new Map(await Promise.all(wanted.map(async (count) => [count, await systemOf(count)] as const))),
  );

const clone = await makeEngineClone();
try {
  say(
    `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}; medians of ${runs} runs (lowest-highest)`,
  );
  const usual = ['forge', 'forge-create', 'ignition', 'ignition-1', 'chain', 'chain-1', 'engine'];
  if (parts.includes('main')) {
    await compare(main, usual);
    await compare({ ...main, blockGasLimit: 60 * million }, usual);
  }
  if (parts.includes('kill')) await compareKills();
  if (parts.includes('sizes'))
    for (const facets of sizes) await compare({ ...main, facets }, ['forge', 'ignition', 'chain', 'engine']);
  if (parts.includes('slow'))
    await compare({ ...main, blockSeconds: 12 }, ['forge', 'ignition', 'chain', 'engine']);
  if (parts.includes('change')) say(await changeRows(clone));
} finally {
  rmSync(clone.folder, { recursive: true, force: true });
}

/** Each tool in turn, so that a machine whose speed drifts drifts for all. */
async function compare(setting: Setting, names: readonly string[]): Promise<void> {
  const { facets, blockSeconds, blockGasLimit } = setting;
  const { transactions } = await systemOf(facets);
  const taking = toolsOf(clone, names);
  const measured = new Map<Tool, Measured[]>(taking.map((tool) => [tool, []]));
  for (let run = 1; run <= runs; run++)
    for (const tool of taking) {
      const each = await measure(tool, setting, timeoutMs, (run - 1) / runs);
      measured.get(tool)?.push(each);
      const { blocksMined, traffic, ran, sendingMs, load } = each;
      tell(
        `${run}/${runs} ${tool.name} (${tool.creates}): ${blocksMined} blocks, ${traffic.calls} calls, ${ran.seconds.toFixed(1)} s, first to last send ${sendingMs} ms, load ${load.toFixed(1)}`,
      );
    }
  const whole = ({ ran, chain }: Measured): boolean => ran.exit === 0 && chain.facets === facets + 1;
  const gas = Math.min(
    ...[...measured.values()]
      .flat()
      .filter(whole)
      .map(({ chain }) => Number(chain.gasUsed)),
  );
  const floor = Math.ceil(gas / blockGasLimit);
  const rows = [...measured].map(([tool, all]) => [
    tool.name,
    tool.creates,
    all.every(whole) ? 'yes' : failures(all),
    spread(all.map(({ blocksMined }) => blocksMined)),
    spread(all.map(({ blocksEnded }) => blocksEnded)),
    String(floor + tool.confirmations - 1),
    spread(all.map(({ traffic }) => traffic.calls)),
    spread(all.map(({ traffic }) => traffic.roundTrips)),
    spread(
      all.map(({ chain }) => Number(chain.gasUsed) / million),
      3,
    ),
    spread(
      all.map(({ ran }) => ran.seconds),
      1,
    ),
    spread(all.map(({ ran }) => ran.peakMiB)),
  ]);
  const head = [
    'tool',
    'by',
    'all there',
    'blocks to the cut',
    'until it ends',
    'floor',
    'RPC calls',
    'round trips',
    'M gas',
    'wall s',
    'peak MiB',
  ];
  say(
    `\n${facets} facets, ${transactions} transactions, ${blockSeconds} s blocks of ${blockGasLimit / million} M gas: floor ${floor} block(s), ${2 * transactions} calls; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
    ...table([head, ...rows]),
  );
  for (const [tool, all] of measured)
    if (process.env['CUTOVER_BENCH_METHODS'] === '1') say(`${tool.name}: ${methodsOf(all)}`);
}

/** kill -9 after eight transactions, then the same command again. */
async function compareKills(): Promise<void> {
  const rows: string[][] = [];
  for (const tool of toolsOf(clone, [
    'forge',
    'forge-create',
    'forge-resume',
    'ignition-1',
    'hardhat-deploy',
    'chain-1',
    'engine',
  ])) {
    for (let run = 0; run < Math.max(runs, 3); run++) {
      const answer = run % 2 === 0 ? 'told' : 'withheld';
      const { commands, extra, reverted, said } = await killAndGoOn(tool, main, 8, answer, 90_000);
      tell(`${run + 1} ${tool.name}: ${commands ?? 'no'} command(s), ${extra} extra`);
      rows.push([
        tool.name,
        tool.creates,
        answer,
        commands === undefined ? 'none of 3' : String(commands),
        extra < 0 ? `${-extra} missing` : String(extra),
        String(reverted),
        said,
      ]);
    }
  }
  const head = [
    'tool',
    'by',
    'the last answer',
    'commands until all is there',
    'extra contracts',
    'reverted',
    'the first said',
  ];
  say(
    '\nkill -9 after 8 transactions, then the same command again; 16 facets, 1 s blocks of 30 M gas',
    ...table([head, ...rows]),
  );
}

function toolsOf(of: Clone, names: readonly string[]): Tool[] {
  const all: Readonly<Record<string, Tool>> = { ...tools, engine: oursByEngine(of, 5) };
  return names.filter((name) => named?.includes(name) ?? true).flatMap((name) => all[name] ?? []);
}

function failures(all: readonly Measured[]): string {
  const failed = all.filter(({ ran, chain }) => ran.exit !== 0 || chain.facets === 0);
  for (const { ran } of failed) say(ran.output.split('\n').slice(-8).join('\n'));
  return `no: ${failed.length} of ${all.length}`;
}

function methodsOf(all: readonly Measured[]): string {
  const methods = Object.entries(all[0]?.traffic.byMethod ?? {}).toSorted(([, a], [, b]) => b - a);
  return methods.map(([method, count]) => `${count} ${method}`).join(', ');
}

function spread(values: readonly number[], digits = 0): string {
  const [low, high] = [Math.min(...values).toFixed(digits), Math.max(...values).toFixed(digits)];
  const middle = median(values).toFixed(digits);
  return low === high ? middle : `${middle} (${low}-${high})`;
}

/** Progress, beside the tables. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
