import type { UpgradeProgress } from '@cutover/chain/plan/solana/upgrade/progress.ts';
import type { SolanaNetworkRef } from '@cutover/chain/plan/solana/network.ts';
import type { Exchange } from '@cutover/chain/solana/exchange.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { ExchangeKey } from '../../infra/exchanges.ts';
import type { StackState } from '../stack-state.ts';

/** An exchange as the last update left it: enough to ask its cluster, and to send there. */
export interface ExchangeTarget {
  readonly exchange: Exchange;
  readonly network: SolanaNetworkRef;
  /** Undefined where the last update did not come that far. */
  readonly progress: UpgradeProgress | undefined;
  /** Who was given the authority over its program. */
  readonly heldBy: string | undefined;
}

/** Finds the exchange in the state. Refused where it was never brought up. SIDE EFFECTS: reads files. */
export async function exchangeTarget(stack: string, key: ExchangeKey): Promise<ExchangeTarget> {
  const [{ readLocalState }, { readInterfaceFile }] = await Promise.all([
    import('../stack-state.ts'),
    import('@cutover/chain/solana/interface-file.ts'),
  ]);
  const state = await readLocalState(stack);
  if (state === undefined || state.resources.length === 0) throw new CutoverError('CUT-5110', { stack });
  const { program, network } = outputsOf(state, 'Program', key.resources.program) ?? {};
  if (typeof program !== 'string' || network === undefined) {
    throw new CutoverError('CUT-5573', { stack, what: key.what });
  }
  const upgrade = outputsOf(state, 'ProgramUpgrade', key.resources.upgrade);
  return {
    exchange: { program, description: await readInterfaceFile(key.interface) },
    network: network as SolanaNetworkRef,
    progress: upgrade?.['progress'] as UpgradeProgress | undefined,
    heldBy: outputsOf(state, 'ProgramAuthority', key.resources.authority)?.['heldBy'] as string | undefined,
  };
}

function outputsOf(
  { resources }: StackState,
  type: string,
  name: string,
): Readonly<Record<string, unknown>> | undefined {
  return resources.find((each) => each.type.endsWith(`:${type}`) && each.urn.endsWith(`::${name}`))?.outputs;
}
