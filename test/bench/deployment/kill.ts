import { openStand, type Setting } from './measure.ts';
import { readChain } from './on-chain.ts';
import type { Trap } from './proxy.ts';
import { startTool, type Ran } from './run-tool.ts';
import { systemOf } from './system.ts';
import type { Tool } from './tools.ts';

/** What became of a deployment that was killed in the middle. */
export interface AfterKill {
  /** Whether the tool had heard that the node took its last transaction. */
  readonly answer: Trap['answer'];
  /** How many commands it took until all was there; undefined where three did not do it. */
  readonly commands: number | undefined;
  /** Contracts on the chain beyond those that were wanted. */
  readonly extra: number;
  readonly reverted: number;
  /** What the first command after the crash said last, where it did not do it. */
  readonly said: string;
}

const mostCommands = 3;

/**
 * Kills a tool with all of its processes when the node has taken so many transactions, and runs the same command again
 * until all is there. SIDE EFFECTS: starts and kills processes.
 */
export async function killAndGoOn(
  tool: Tool,
  setting: Setting,
  transactions: number,
  answer: Trap['answer'],
  timeoutMs: number,
): Promise<AfterKill> {
  tool.forget();
  const { facets } = setting;
  const wanted = await systemOf(facets);
  const stand = await openStand(setting);
  const { node, proxy } = stand;
  try {
    const task = { facets, url: proxy.url };
    const first = startTool(tool.command(task), timeoutMs);
    proxy.set({ transactions, answer, spring: first.kill });
    await first.ended;
    let said = '';
    let commands: number | undefined;
    for (let command = 1; command <= mostCommands && commands === undefined; command++) {
      const ran = await startTool(tool.again?.(task) ?? tool.command(task), timeoutMs).ended;
      if (ran.exit === 0 && (await readChain(node)).facets === facets + 1) commands = command;
      else said ||= lastWords(ran);
    }
    const { contracts, reverted } = await readChain(node);
    return { answer, commands, extra: contracts - wanted.contracts, reverted, said };
  } finally {
    await stand.stop();
  }
}

/** The line that says what is wrong, or the last one, and how it ended. */
function lastWords({ output, exit }: Ran): string {
  const lines = output.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => /^error|IGN\d+|CUT-\d+|killed after/i.test(line));
  const words = telling[0] ?? lines.findLast((line) => line !== '') ?? '';
  return `exit ${exit ?? 'by signal'}: ${words.slice(0, 110)}`;
}
