import { describeCall } from '../authority/words.ts';
import { describeLayout } from '../layout/describe-layout.ts';
import { implementationTitle } from './implementation.ts';
import type { Upgrade } from './plan-proxy.ts';

/** An upgrade for a reviewer: what stands behind the proxy, what runs with it, and what becomes of its storage. */
export function describeUpgrade(
  { way, from, to, runs, storage, warnings }: Upgrade,
  proxy: string,
  allow: readonly string[],
): readonly string[] {
  const next = implementationTitle(to);
  const head =
    way === 'first'
      ? `+ ${next}, its first implementation`
      : `~ ${implementationTitle(from)} -> ${next}${way === 'back' ? ', as it was before' : ''}`;
  const call =
    runs === undefined
      ? []
      : describeCall({ to: proxy, data: runs.data }, [runs.function]).map(
          (line) => `with it, in the same transaction: ${line.slice(`${proxy}: `.length)}`,
        );
  // A first implementation finds its storage empty: only what stands against it is told.
  const stored = way === 'first' && storage.verdict === 'safe' ? [] : describeLayout(storage, allow);
  return [head, ...call, ...stored, ...warnings];
}
