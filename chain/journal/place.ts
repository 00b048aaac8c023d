import { join } from 'node:path';
import { runtimeFolder } from '@cutover/base/project.ts';
import { endpointOrder, type Endpoint } from '../plan/network.ts';

/** Where journals are kept. CUTOVER_JOURNAL moves them, to a folder that a CI machine keeps for example. */
export function journalFolder(): string {
  return process.env['CUTOVER_JOURNAL'] || join(runtimeFolder, 'journal');
}

/** Where a local node listens: its port tells it from others. None where its URL is a secret. */
export function portOf({ endpoints }: { readonly endpoints: readonly Endpoint[] }): string[] {
  const url = endpointOrder(endpoints)[0]?.url;
  return typeof url === 'string' && URL.canParse(url) ? [new URL(url).port || '80'] : [];
}
