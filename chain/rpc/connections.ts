import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { describeSecret, readSecret } from '@cutover/base/secrets.ts';
import { endpointOrder, type Endpoint } from '../plan/network.ts';
import { addressOf, type Address } from './http.ts';
import type { Member } from './members.ts';

/**
 * The endpoints of a network, heaviest first. URLs are read each time: a key may have been changed. One whose URL cannot
 * be read is left out while there are others. SIDE EFFECTS: reads secrets.
 * @param network it in words
 */
export async function connectionsOf(
  endpoints: readonly Endpoint[],
  network: string,
  tell: (line: string) => void,
): Promise<readonly Member[]> {
  const ordered = endpointOrder(endpoints);
  const readings = await Promise.allSettled(ordered.map(addressFor));
  const failures = readings.flatMap((reading) =>
    reading.status === 'rejected' ? [reading.reason as unknown] : [],
  );
  if (failures.length > 0 && failures.length === ordered.length) throw noneReadable(network, failures);
  for (const failure of failures) sayOnce(network, failure, tell);
  return ordered.flatMap(({ weight, requestsPerSecond }, index): Member[] => {
    const reading = readings[index];
    if (reading?.status !== 'fulfilled') return [];
    return [{ address: reading.value, weight: weight ?? 1, requestsPerSecond, freeAt: 0 }];
  });
}

async function addressFor({ url }: Endpoint): Promise<Address> {
  if (typeof url === 'string') return addressOf(url);
  return addressOf((await readSecret(url)).trim(), describeSecret(url));
}

function noneReadable(network: string, failures: readonly unknown[]): unknown {
  if (failures.length === 1) return failures[0];
  const list = failures.map((failure) => `  - ${firstLine(failure)}`).join('\n');
  return new CutoverError('CUT-2236', { network, list }, { cause: failures[0] });
}

const said = new Set<string>();

function sayOnce(network: string, failure: unknown, tell: (line: string) => void): void {
  const line = `warning: an endpoint of ${network} is left out: ${firstLine(failure)}`;
  if (said.has(line)) return;
  said.add(line);
  tell(line);
}

/** Errors of secrets name the reference, never the value. */
function firstLine(failure: unknown): string {
  return messageOf(failure).split('\n').slice(0, 2).join(';').replaceAll(/\s+/g, ' ');
}
