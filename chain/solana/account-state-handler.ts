import { CutoverError } from '@cutover/base/errors.ts';
import { byName } from '@cutover/base/once.ts';
import { fieldsIn, type AccountForm } from '../plan/solana/account-form.ts';
import {
  planAccountState,
  type AccountFields,
  type AccountPlan,
  type ObservedState,
} from '../plan/solana/account-state.ts';
import { instructionOfKept, type KeptInstruction } from '../plan/solana/kept-instruction.ts';
import { describeSolanaNetwork } from '../plan/solana/network.ts';
import { refusalWords } from '../plan/solana/perps/instructions.ts';
import type { ProgramInterface } from '../plan/solana/perps/interface.ts';
import type { SolanaSignerRef } from '../plan/solana/signer.ts';
import { timelockErrors } from '../plan/solana/timelock/errors.ts';
import type { SolanaPool } from './connection.ts';
import { readInterfaceFile } from './interface-file.ts';
import { openSolanaSigner } from './keypairs.ts';
import { solanaHandler, type SolanaInputs } from './managed.ts';
import { sendTransaction } from './send.ts';
import type { Explain } from './transaction-errors.ts';

/** What the engine keeps of an account that is initialised once. Numbers are decimal text. */
export interface AccountStateInputs extends SolanaInputs {
  readonly title: string;
  readonly address: string;
  readonly owner: string;
  readonly form: AccountForm;
  readonly fields: AccountFields;
  /** What must hold right after it was initialised. */
  readonly initially?: AccountFields;
  readonly initialize: readonly KeptInstruction[];
  readonly payer: SolanaSignerRef;
  readonly signers: readonly SolanaSignerRef[];
}

export interface AccountStateOutputs {
  readonly holds: AccountFields;
  /** Absent where it was found there. */
  readonly transaction?: string;
}

/** An account that is initialised once, as a managed resource. */
export const handler = solanaHandler<AccountStateInputs, AccountStateOutputs>({
  subject: ({ title, address, network }) => `${title} at ${address} on ${describeSolanaNetwork(network)}`,
  id: ({ network, address }) => `solana:${network.cluster}:${address}/state`,
  identity: ['address'],
  inputs: (values) => {
    const { title, address, owner, form, fields, initially, initialize, network, payer, signers } = values;
    return {
      ...{ title, address, owner, form, fields, initialize, network, payer, signers },
      ...(initially === undefined ? {} : { initially }),
    };
  },

  async plan(pool, inputs) {
    const { plan } = await look(pool, inputs);
    switch (plan.kind) {
      case 'nothing':
        return { kind: 'nothing' };
      case 'refuse':
        throw plan.error;
      case 'send': {
        const wanted = Object.entries({ ...inputs.fields, ...inputs.initially });
        const lines = wanted.map(([field, value]) => `+ ${field}: ${JSON.stringify(value)}`);
        return { kind: 'change', lines: ['is initialised once, with', ...lines] };
      }
    }
  },

  async bring(pool, inputs, olds) {
    const { plan, observed } = await look(pool, inputs);
    switch (plan.kind) {
      case 'refuse':
        throw plan.error;
      case 'nothing':
        return outputsOf(observed, olds?.transaction);
      case 'send': {
        const transaction = await initialize(pool, inputs);
        const after = await look(pool, { ...inputs, fields: { ...inputs.fields, ...inputs.initially } });
        if (after.plan.kind === 'nothing') return outputsOf(after.observed, transaction);
        const unmet = after.plan.kind === 'refuse' ? sentencesOf(after.plan.error) : ['nothing is there'];
        const list = unmet.map((sentence) => `  - ${sentence}`).join('\n');
        throw new CutoverError('CUT-2544', { subject: inputs.title, list });
      }
    }
  },

  async see(pool, olds) {
    const { plan, observed } = await look(pool, olds);
    if (plan.kind === 'send') return undefined;
    const drift = plan.kind === 'refuse' ? sentencesOf(plan.error) : [];
    return { outputs: observed?.fields === undefined ? {} : { holds: observed.fields }, drift };
  },
  forgotten: ({ title, address }) => `${title} stays at ${address}`,
});

/** Holds an account against what is wanted of it. SIDE EFFECTS: asks nodes. */
export async function look(
  pool: SolanaPool,
  inputs: Pick<AccountStateInputs, 'title' | 'address' | 'owner' | 'form' | 'fields'>,
): Promise<{ readonly plan: AccountPlan; readonly observed: ObservedState | undefined }> {
  const [account, description] = await Promise.all([
    pool.getAccount(inputs.address),
    descriptionOf(inputs.form),
  ]);
  const observed =
    account === undefined
      ? undefined
      : {
          owner: account.owner,
          size: account.space,
          fields: fieldsIn(inputs.form, description, account.data),
        };
  return { plan: planAccountState(inputs, observed), observed };
}

function initialize(pool: SolanaPool, inputs: AccountStateInputs): Promise<string> {
  return sendAbout(pool, inputs, {
    purpose: `initialise ${inputs.title}`,
    key: `initialise:${inputs.address}`,
    instructions: inputs.initialize,
    effect: async () => (await look(pool, inputs)).plan.kind !== 'send',
  });
}

/** What is sent about an account, and how it shows that it was. */
export interface AboutAccount {
  readonly purpose: string;
  readonly key: string;
  readonly instructions: readonly KeptInstruction[];
  readonly effect: () => Promise<boolean>;
}

/** Sends instructions about an account; refusals are told in its program's words. SIDE EFFECTS: reads keys, sends. */
export async function sendAbout(
  pool: SolanaPool,
  inputs: Pick<AccountStateInputs, 'owner' | 'form' | 'network' | 'payer' | 'signers'>,
  { instructions, ...about }: AboutAccount,
): Promise<string> {
  const { network, owner } = inputs;
  const [payer, ...signers] = await Promise.all(
    [inputs.payer, ...inputs.signers].map((each) => openSolanaSigner(each, network)),
  );
  if (payer === undefined) throw new TypeError('somebody pays');
  const description = await descriptionOf(inputs.form);
  const explain: Explain = (program, code) => {
    if (program !== owner) return undefined;
    return description === undefined ? timelockErrors.get(code) : refusalWords(description, code);
  };
  return sendTransaction(pool, {
    ...about,
    ...{ payer, signers, explain },
    instructions: instructions.map(instructionOfKept),
  });
}

const descriptions = byName(readInterfaceFile);

/** The interface that a form names. SIDE EFFECTS: reads its file, once. */
async function descriptionOf(form: AccountForm): Promise<ProgramInterface | undefined> {
  return form.kind === 'interface' ? descriptions(form.file) : undefined;
}

function outputsOf(
  observed: ObservedState | undefined,
  transaction: string | undefined,
): AccountStateOutputs {
  return {
    holds: observed?.fields ?? {},
    ...(transaction === undefined ? {} : { transaction }),
  };
}

/** What a refusal names, one sentence each. */
function sentencesOf({ details: { list }, message }: CutoverError): readonly string[] {
  const lines = typeof list === 'string' ? list.split('\n') : message.split('\n').slice(0, 1);
  return lines.map((line) => line.replace(/^\s*- /, ''));
}
