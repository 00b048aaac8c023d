import type { Clone } from '../../engine/clone.ts';
import { openStand } from './measure.ts';
import { compileChanged } from './peers.ts';
import { readChain } from './on-chain.ts';
import { startTool, type Command, type Ran } from './run-tool.ts';
import { facetNames } from './sources.ts';
import { oursByEngine } from './tools.ts';

const facets = 64;

/** What comes after the first deployment, by our engine: a refresh, a changed facet, an update with nothing to do. */
export async function changeRows(clone: Clone): Promise<string> {
  const [changed = ''] = facetNames(1);
  compileChanged(changed);
  const tool = oursByEngine(clone, 1);
  tool.forget();
  const stand = await openStand({ blockSeconds: 1, blockGasLimit: 30_000_000 });
  const { node, proxy } = stand;
  try {
    const up = tool.command({ facets, url: proxy.url });
    const rows: string[] = [];
    const step = async (what: string, command: Command): Promise<void> => {
      proxy.reset();
      const { head } = await readChain(node);
      const ran: Ran = await startTool(command, 600_000).ended;
      const { calls, roundTrips } = proxy.traffic();
      const { transactions, gasUsed } = await readChain(node, head);
      if (ran.exit !== 0) throw new Error(`${what} ended with ${ran.exit}:\n${ran.output}`);
      rows.push(
        `${what}: ${transactions} transactions, ${calls} calls in ${roundTrips} round trips, ${gasUsed} gas, ${ran.seconds.toFixed(1)} s`,
      );
    };
    await step(`first up of ${facets} facets`, up);
    await step('up with nothing to do', up);
    await step('refresh', { ...up, args: ['pulumi', 'refresh', '-s', 'dev', '--yes', '--skip-preview'] });
    await step('up with 1 changed facet', { ...up, env: { ...up.env, BENCH_CHANGED: changed } });
    return ['', `${facets} facets by the engine, afterwards`, ...rows].join('\n');
  } finally {
    await stand.stop();
  }
}
