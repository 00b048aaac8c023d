import { handler } from '@cutover/chain/solana/program-handler.ts';
import type { ProgramState } from '@cutover/chain/solana/program-handler.ts';
import { asOnTheWire } from '../../chain/handler-kit.ts';
import { startResourceBench, type ResourceBench } from '../../chain/solana/resource-kit.ts';
import { startProxy } from '../deployment/proxy.ts';

/** What the handlers of programs ask a cluster, counted at a proxy that this process has never asked before. */
export interface RefreshFigures {
  readonly programs: number;
  /** Round trips of a refresh of all of them, the first contact with the cluster among them. */
  readonly refresh: number;
  /** The same of an update that finds nothing to do. */
  readonly nothingToDo: number;
  readonly refreshMs: number;
  readonly nothingToDoMs: number;
}

/** Deploys so many programs and has their handlers look at them, all at once as the engine does. SIDE EFFECTS: runs a node. */
export async function measureRefresh(programs: number): Promise<RefreshFigures> {
  const bench = await startResourceBench();
  const { log } = console;
  console.log = () => undefined;
  try {
    const states: ProgramState[] = [];
    for (let index = 0; index < programs; index++) states.push(await deployed(bench, 50 + index));
    const refresh = await counted(bench, states, async (each) => {
      const found = await handler.read?.(each.program, each);
      if ((found?.props?.drift.length ?? 1) > 0) throw new Error(`drift of ${each.program}`);
    });
    const nothingToDo = await counted(bench, states, async (each) => {
      const answer = await handler.diff?.(each.program, each, each);
      if (answer?.changes !== false) throw new Error(`something to do about ${each.program}`);
    });
    return {
      programs,
      refresh: refresh.roundTrips,
      refreshMs: refresh.ms,
      nothingToDo: nothingToDo.roundTrips,
      nothingToDoMs: nothingToDo.ms,
    };
  } finally {
    console.log = log;
    await bench.stop();
  }
}

async function deployed(bench: ResourceBench, keyAccount: number): Promise<ProgramState> {
  const prepared = await bench.prepare('perps/perps-1.so', keyAccount);
  const { outs } = await handler.create(asOnTheWire(bench.inputs(prepared)));
  return asOnTheWire(outs);
}

async function counted(
  bench: ResourceBench,
  states: readonly ProgramState[],
  look: (state: ProgramState) => Promise<void>,
): Promise<{ readonly roundTrips: number; readonly ms: number }> {
  const proxy = await startProxy(bench.node);
  try {
    const network = { ...bench.node.network, endpoints: [{ url: proxy.url }] };
    const began = performance.now();
    await Promise.all(states.map((state) => look({ ...state, network })));
    return { roundTrips: proxy.traffic().roundTrips, ms: performance.now() - began };
  } finally {
    await proxy.stop();
  }
}
