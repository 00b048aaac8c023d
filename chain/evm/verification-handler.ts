import { isDeepStrictEqual } from 'node:util';
import { hasUnknown } from '@cutover/base/dispatch.ts';
import type { Handler } from '@cutover/base/dynamic.ts';
import { zeroAddress } from '../plan/cut/selector.ts';
import type { NetworkRef } from '../plan/network.ts';
import type { ExplorerRef } from '../plan/verification/explorer.ts';
import { changedReports, lostReports, printReports } from '../plan/verification/lines.ts';
import { anythingDue, tasksOf, type Reports } from '../plan/verification/tasks.ts';
import type { VerifiedContract } from './verification/submission.ts';
import { lookAtContracts, verifyContracts, type VerifyArgs } from './verification/verify.ts';

/** What the engine keeps of a verification. */
export interface VerificationInputs {
  readonly contracts: readonly VerifiedContract[];
  readonly network: Pick<NetworkRef, 'name' | 'chainId'>;
  readonly explorers: readonly ExplorerRef[];
  /** How long an update waits for all explorers together. */
  readonly patienceSeconds: number;
}

export interface VerificationState extends VerificationInputs {
  /** How far each contract is with each explorer. */
  readonly reports: Reports;
}

/** A refresh must not be held up by an explorer that hangs. */
const lookPatienceMs = 20_000;

/**
 * Sources at explorers as a managed resource. Whatever an explorer does, nothing here throws: a deployment does not
 * fail for it, and what is not shown yet is a change of a later update.
 */
export const handler: Handler<VerificationInputs, VerificationState> = {
  diff(_id, olds, news) {
    const { explorers, network } = news;
    const due = (): boolean =>
      anythingDue(tasksOf(placed(news), explorers), network.chainId, olds.reports, Date.now());
    const wanted = settingsOf(news);
    return Promise.resolve({
      changes: hasUnknown(wanted) || !isDeepStrictEqual(settingsOf(olds), wanted) || due(),
    });
  },

  async create(inputs) {
    const [first] = inputs.contracts;
    const id = `eip155:${inputs.network.chainId}:${first?.address ?? 'none'}/verification`;
    return { id, outs: await bring(inputs, {}, 'due') };
  },

  async update(_id, olds, news) {
    const changed = !isDeepStrictEqual(settingsOf(olds), settingsOf(news));
    return { outs: await bring(news, olds.reports, changed ? 'always' : 'due') };
  },

  async read(id, olds) {
    const { reports: before, ...inputs } = olds;
    const reports = await lookAtContracts({ ...argsOf(inputs, before), patienceMs: lookPatienceMs });
    for (const line of lostReports(before, reports)) console.log(line);
    return { id, props: { ...inputs, reports }, inputs };
  },

  delete(_id, { contracts }) {
    const count = contracts.length === 1 ? '1 contract' : `${contracts.length} contracts`;
    console.log(`forgotten: what explorers show of ${count} stays there`);
    return Promise.resolve();
  },
};

async function bring(
  inputs: VerificationInputs,
  before: Reports,
  when: 'due' | 'always',
): Promise<VerificationState> {
  const reports = await verifyContracts(argsOf(inputs, before), when);
  for (const line of printReports(changedReports(before, reports))) console.log(line);
  return { ...inputs, reports };
}

function argsOf(inputs: VerificationInputs, reports: Reports): VerifyArgs {
  const { network, explorers, patienceSeconds } = inputs;
  return {
    contracts: placed(inputs),
    chainId: network.chainId,
    explorers,
    reports,
    patienceMs: 1000 * patienceSeconds,
    log: console.log,
  };
}

/** The contracts that have an address: what would create another one may not be approved yet. */
function placed({ contracts }: VerificationInputs): readonly VerifiedContract[] {
  return contracts.filter(({ address }) => address !== zeroAddress);
}

/** What an update is for; which transaction deployed a contract changes nothing that is shown. */
function settingsOf({ contracts, network, explorers, patienceSeconds }: VerificationInputs): object {
  return {
    contracts: contracts.map(({ creationTransaction: _, ...contract }) => contract),
    chainId: network.chainId,
    explorers,
    patienceSeconds,
  };
}
