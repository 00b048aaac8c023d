import { isDeepStrictEqual } from 'node:util';
import type { Handler } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import {
  branchProblems,
  describeCheckout,
  describeRule,
  type BranchRule,
} from '../plan/solana/guards/branch.ts';
import { describeSolanaNetwork, type Cluster } from '../plan/solana/network.ts';
import { readCheckout } from './checkout.ts';

/** What the engine keeps of a guard of the branch. */
export interface BranchGuardInputs {
  /** The network's name. */
  readonly network: string;
  readonly cluster: Cluster;
  /** Absent: nothing is asked. */
  readonly rule?: BranchRule;
}

interface BranchGuardState extends BranchGuardInputs {
  /** In words. */
  readonly seen: string;
}

/** What may be checked out, as a managed resource: looked at in each preview and each update. */
export const handler: Handler<BranchGuardInputs, BranchGuardState> = {
  async check(_olds, news) {
    await pass(news);
    return {};
  },
  // Another commit is no change: what is checked out was looked at a moment ago.
  diff: (_id, olds, news) => Promise.resolve({ changes: !isDeepStrictEqual(inputsOf(olds), inputsOf(news)) }),
  create: async (inputs) => ({ id: `branch:${inputs.network}`, outs: await pass(inputs) }),
  update: async (_id, _olds, news) => ({ outs: await pass(news) }),
  delete: () => Promise.resolve(),
};

/** Refuses what must not be deployed. SIDE EFFECTS: runs git. */
async function pass(inputs: BranchGuardInputs): Promise<BranchGuardState> {
  const { network: name, cluster, rule } = inputsOf(inputs);
  if (rule === undefined) return { ...inputsOf(inputs), seen: `nothing is asked on ${cluster}` };
  const network = describeSolanaNetwork({ name, cluster });
  const wanted = describeRule(rule);
  const checkout = await readCheckout(network, wanted);
  const problems = branchProblems(rule, checkout);
  const seen = describeCheckout(checkout);
  if (problems.length === 0) return { ...inputsOf(inputs), seen };
  throw new CutoverError('CUT-2530', {
    ...{ network, wanted, seen, source: checkout.source },
    list: problems.map((problem) => `  - ${problem}`).join('\n'),
  });
}

function inputsOf({ network, cluster, rule }: BranchGuardInputs): BranchGuardInputs {
  return { network, cluster, ...(rule === undefined ? {} : { rule }) };
}
