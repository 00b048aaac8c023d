import { cpus, loadavg } from 'node:os';
import { openSolana, type SolanaPool } from '@cutover/chain/solana/connection.ts';
import { bringProgram } from '@cutover/chain/solana/loader.ts';
import type { StepDone } from '@cutover/chain/solana/loader-steps.ts';
import type { ProgramOrder } from '@cutover/chain/solana/observe-program.ts';
import { table } from '../../../ops/terminal.ts';
import type { FaultyNode } from '../../chain/faulty-node.ts';
import {
  localSigner,
  oftenEnough,
  orderOf,
  payer,
  poolTo,
  sol,
  startFaultySolana,
  swallowed,
} from '../../chain/solana/kit.ts';
import { startLocalSolana } from '../../chain/solana/local-solana.ts';
import { makeProgram } from '../../chain/solana/make-program.ts';
import { startBenchNode } from './bench-node.ts';
import { measureRefresh } from './refresh.ts';
import { loadSequentially } from './sequential.ts';

// `node test/bench/solana/main.ts`: a program brought to a local node by ours and by a straightforward loader, each on a
// node of its own, with the pacing of the reference client computed beside them. It judges nothing. CUTOVER_BENCH_SIZES
// names the sizes in KiB. CUTOVER_BENCH_NODE is litesvm, or surfpool: a whole node, which keeps a profile of each
// transaction and takes longer for each: from 40 to 307 ms for a write within 300 writes to an account of 1 MB.
const sizes = (process.env['CUTOVER_BENCH_SIZES'] ?? '64,256,1024').split(',').map(Number);
const onSurfpool = process.env['CUTOVER_BENCH_NODE'] === 'surfpool';
/** The reference client sends a chunk each 10 ms: https://github.com/anza-xyz/agave, send_and_confirm_transactions_in_parallel. */
const referenceStaggerMs = 10;

say(
  `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}, on ${onSurfpool ? 'surfpool 1.5.0' : 'LiteSVM 1.5.0 behind an RPC of the bench, a block each 400 ms'}`,
);
const rows: string[][] = [];
for (const size of sizes) {
  const ours = await measured(size, byOurs);
  const sequential = await measured(size, bySequence);
  const computed = ((ours.chunks * referenceStaggerMs) / 1000).toFixed(1);
  rows.push(row(`${size} KiB, ours`, ours), row(`${size} KiB, one after another`, sequential), [
    `${size} KiB, reference client’s pacing alone (computed)`,
    String(ours.chunks),
    '',
    computed,
    '',
    '',
  ]);
  tell(
    rows
      .slice(-3)
      .map((cells) => cells.join('  '))
      .join('\n'),
  );
}
const middle = sizes[Math.floor((sizes.length - 1) / 2)] ?? 64;
rows.push(
  row(
    `${middle} KiB, ours, a fifth of the transactions lost`,
    await measured(middle, byOurs, losingAFifth()),
  ),
);
rows.push(row(`${middle} KiB, ours, resumed at 99 %`, await resumed(middle)));
say(
  table([['what', 'chunks written', 'sends per chunk', 'seconds', 'HTTP requests', 'load'], ...rows]).join(
    '\n',
  ),
);
const looked = await measureRefresh(8);
say(
  table([
    [`${looked.programs} programs as resources, at once`, 'round trips, first contact included', 'ms', 'aim'],
    ['refresh', String(looked.refresh), looked.refreshMs.toFixed(0), '<= 3'],
    [
      'update with nothing to do',
      String(looked.nothingToDo),
      looked.nothingToDoMs.toFixed(0),
      `<= ${looked.programs}`,
    ],
  ]).join('\n'),
);

interface Measured {
  readonly chunks: number;
  readonly sends: number;
  readonly seconds: number;
  readonly requests: number;
}

type Loader = (url: string, order: ProgramOrder) => Promise<Pick<Measured, 'chunks' | 'sends'>>;
type Fault = Parameters<typeof startFaultySolana>[1];

async function byOurs(url: string, order: ProgramOrder): Promise<Pick<Measured, 'chunks' | 'sends'>> {
  return writesOf((await bringProgram(patientPool(url), order, { standstillMs: 600_000 })).done);
}

async function bySequence(url: string, order: ProgramOrder): Promise<Pick<Measured, 'chunks' | 'sends'>> {
  const sends = await loadSequentially(patientPool(url), order, localSigner(3));
  return { chunks: sends - 2, sends: sends - 2 };
}

/** surfpool may take half a minute for a request with sixty-four writes to a large buffer. */
function patientPool(url: string): SolanaPool {
  const network = { name: 'bench', cluster: 'localnet', endpoints: [{ url }] } as const;
  return openSolana(network, { timeoutMs: 180_000 });
}

/** One run on a node of its own, behind a front that counts. */
async function measured(size: number, load: Loader, fault?: Fault): Promise<Measured> {
  return onNode(size, fault, async (front, order) => timed(front, () => load(front.url, order)));
}

/** A run that is cut off when ninety-nine of a hundred chunks are there, and the next one. */
async function resumed(size: number): Promise<Measured> {
  let left = Infinity;
  const fault: Fault = ({ method }) => (method === 'sendTransaction' && --left < 0 ? swallowed : undefined);
  return onNode(size, fault, async (front, order) => {
    const first = await bringProgram(poolTo(front.url), order, {
      standstillMs: 1_500,
      onStep: (step) => {
        if (step.kind === 'write') left = Math.floor(step.chunks.length * 0.99);
      },
    }).catch((error: unknown) => error);
    if (!(first instanceof Error)) throw new Error('it was not cut off');
    left = Infinity;
    return timed(front, () => byOurs(front.url, order));
  });
}

async function onNode(
  size: number,
  fault: Fault,
  work: (front: FaultyNode, order: ProgramOrder) => Promise<Measured>,
): Promise<Measured> {
  // By the clock, as clusters do: a slot for each transaction would use a blockhash up in 150 of them.
  const node = await (onSurfpool ? startLocalSolana({ blockProduction: 'clock' }) : startBenchNode());
  const front = await startFaultySolana(node, fault);
  try {
    await node.fund(payer.address, 1_000n * sol);
    return await work(front, orderOf(localSigner(2), { bytes: makeProgram(size * 1024) }));
  } finally {
    await front.stop();
    await node.stop();
  }
}

async function timed(
  front: FaultyNode,
  work: () => Promise<Pick<Measured, 'chunks' | 'sends'>>,
): Promise<Measured> {
  const [began, before] = [performance.now(), front.requests()];
  const { chunks, sends } = await work();
  return { chunks, sends, seconds: (performance.now() - began) / 1000, requests: front.requests() - before };
}

function writesOf(done: readonly StepDone[]): Pick<Measured, 'chunks' | 'sends'> {
  const write = done.find(({ kind }) => kind === 'write');
  return { chunks: write?.chunks ?? 0, sends: write?.sends ?? 0 };
}

function losingAFifth(): Fault {
  const lost = oftenEnough(20);
  return ({ method }) => (method === 'sendTransaction' && lost() ? swallowed : undefined);
}

function row(what: string, { chunks, sends, seconds, requests }: Measured): string[] {
  const perChunk = chunks === 0 ? '' : (sends / chunks).toFixed(2);
  return [
    what,
    String(chunks),
    perChunk,
    seconds.toFixed(1),
    String(requests),
    (loadavg()[0] ?? 0).toFixed(1),
  ];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
