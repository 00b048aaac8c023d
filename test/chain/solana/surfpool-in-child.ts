// node surfpool-in-child.ts ADDON MODE SLOT_MS: surfpool in a process of its own, until its parent ends or stops it.
import { createRequire } from 'node:module';

interface Surfnet {
  readonly rpcUrl: string;
  readonly wsUrl: string;
  drainEvents(): readonly unknown[];
  stop(): void;
}
interface Addon {
  readonly Surfnet: { startWithConfig(config: Record<string, unknown>): Surfnet };
}

const [, , addon = '', blockProductionMode, slotTimeMs] = process.argv;
const { Surfnet } = createRequire(import.meta.url)(addon) as Addon;
// Kept for the whole life of the process: the node stops when its handle is collected.
const node = Surfnet.startWithConfig({ offline: true, blockProductionMode, slotTimeMs: Number(slotTimeMs) });
// The addon keeps events until someone reads them.
setInterval(() => node.drainEvents(), 200);
const end = (): void => {
  node.stop();
  process.exit(0);
};
process.stdin.on('end', end).resume();
process.on('SIGTERM', end);
console.log(JSON.stringify({ rpcUrl: node.rpcUrl, wsUrl: node.wsUrl }));
