import { isDeepStrictEqual } from 'node:util';
import { CutoverError } from '@cutover/base/errors.ts';
import type { AccountForm } from '../plan/solana/account-form.ts';
import type { AccountFields, AccountPlan } from '../plan/solana/account-state.ts';
import type { KeptInstruction } from '../plan/solana/kept-instruction.ts';
import { describeSolanaNetwork } from '../plan/solana/network.ts';
import type { SolanaSignerRef } from '../plan/solana/signer.ts';
import { look, sendAbout } from './account-state-handler.ts';
import { solanaHandler, type SolanaInputs } from './managed.ts';

/** What the engine keeps of a setting in an account. Numbers are decimal text. */
export interface AccountSettingInputs extends SolanaInputs {
  readonly title: string;
  readonly address: string;
  readonly owner: string;
  readonly form: AccountForm;
  readonly fields: AccountFields;
  readonly set: readonly KeptInstruction[];
  readonly payer: SolanaSignerRef;
  readonly signers: readonly SolanaSignerRef[];
}

export interface AccountSettingOutputs {
  /** Of the last update that set it; absent where it was found so. */
  readonly transaction?: string;
}

/** Fields of an account that may change again and again, as a managed resource: what differs is set. */
export const handler = solanaHandler<AccountSettingInputs, AccountSettingOutputs>({
  subject: ({ title, address, network }) => `${title} at ${address} on ${describeSolanaNetwork(network)}`,
  id: ({ network, address, title }) => `solana:${network.cluster}:${address}/${title}`,
  identity: ['address'],
  inputs: (values) => {
    const { title, address, owner, form, fields, set, network, payer, signers } = values;
    return { title, address, owner, form, fields, set, network, payer, signers };
  },

  async plan(pool, inputs) {
    const { plan } = await look(pool, inputs);
    if (plan.kind === 'refuse' && plan.fields.length === 0) throw plan.error;
    // The account itself may come with the same update.
    if (plan.kind !== 'refuse') return { kind: 'nothing' };
    return { kind: 'change', lines: changesOf(plan) };
  },

  async bring(pool, inputs, olds) {
    const { plan } = await look(pool, inputs);
    if (plan.kind === 'nothing') {
      return olds?.transaction === undefined ? {} : { transaction: olds.transaction };
    }
    if (plan.kind === 'refuse' && plan.fields.length === 0) throw plan.error;
    const before = changesOf(plan);
    const transaction = await sendAbout(pool, inputs, {
      purpose: `set ${inputs.title}`,
      key: `set:${inputs.address}:${inputs.title}:${JSON.stringify(inputs.fields)}`,
      instructions: inputs.set,
      // What was set otherwise than wanted shows, too: it is told, and not waited for.
      effect: async () => !isDeepStrictEqual(changesOf((await look(pool, inputs)).plan), before),
    });
    const after = await look(pool, inputs);
    if (after.plan.kind === 'nothing') return { transaction };
    const list = changesOf(after.plan).map((line) => `  - ${line}`);
    throw new CutoverError('CUT-2544', { subject: inputs.title, list: list.join('\n') });
  },

  async see(pool, olds) {
    const { plan } = await look(pool, olds);
    if (plan.kind === 'send') return undefined;
    return { outputs: {}, drift: changesOf(plan) };
  },
  forgotten: ({ title, address }) => `${title} stays as it is at ${address}`,
});

/** What is otherwise than wanted, a line for each field. */
function changesOf(plan: AccountPlan): readonly string[] {
  if (plan.kind === 'nothing') return [];
  if (plan.kind === 'send') return ['the account is not there'];
  const lines = plan.error.message.split('\n').filter((line) => /^ *- /.test(line));
  return lines.map((line) => line.replace(/^ *- /, ''));
}
