import { CutoverError } from '@cutover/base/errors.ts';
import { programDataAddress } from '../plan/solana/address.ts';
import { describeProgramAuthority, type ProgramAuthorityRef } from '../plan/solana/authority.ts';
import { planHandOver, type HandOver } from '../plan/solana/hand-over.ts';
import { setAuthority, setAuthorityChecked } from '../plan/solana/loader-instructions.ts';
import { describeSolanaNetwork } from '../plan/solana/network.ts';
import type { ProgramHolder } from '../plan/solana/program-facts.ts';
import type { SolanaSignerRef } from '../plan/solana/signer.ts';
import { programFacts } from './authority/accounts.ts';
import type { SolanaPool } from './connection.ts';
import { holderOf, requireFit, type Holder } from './holder.ts';
import { openSolanaSigner, type SolanaSigner } from './keypairs.ts';
import { solanaHandler, type SolanaInputs } from './managed.ts';
import { sendTransaction } from './send.ts';

/** What the engine keeps of an authority over a program. */
export interface ProgramAuthorityInputs extends SolanaInputs {
  readonly title: string;
  readonly program: string;
  /** Who has it until it is handed over. */
  readonly signer: SolanaSignerRef;
  readonly to: ProgramAuthorityRef;
}

export interface ProgramAuthorityOutputs {
  /** Who has it; absent: nobody, for ever. */
  readonly heldBy?: string;
  /** Absent where it was found there. */
  readonly transaction?: string;
}

/** Who may upgrade a program, as a managed resource. */
export const handler = solanaHandler<ProgramAuthorityInputs, ProgramAuthorityOutputs>({
  subject: ({ title, program, network }) =>
    `the authority over ${title} (${program}) on ${describeSolanaNetwork(network)}`,
  id: ({ network, program }) => `solana:${network.cluster}:${program}/authority`,
  identity: ['program'],
  inputs: ({ title, program, network, signer, to }) => ({ title, program, network, signer, to }),

  async plan(pool, inputs) {
    // Asked first: a program that is not there yet comes with the update.
    const found = await authorityOf(pool, inputs);
    const { plan, wanted } = await planned(inputs, found);
    if (plan.kind === 'nothing') return { kind: 'nothing' };
    const last = wanted.kind === 'none' ? ', FOR EVER: nobody can change it again' : '';
    return {
      kind: 'change',
      lines: [`from ${plan.from ?? 'who deploys it'} to ${nameOf(inputs, wanted)}${last}`],
    };
  },

  async bring(pool, inputs, olds) {
    const found = await authorityOf(pool, inputs);
    if (found.kind === 'not there')
      throw new CutoverError('CUT-2543', { ...placeOf(inputs), found: found.found });
    const { plan, holder, signer } = await planned(inputs, found);
    if (plan.kind === 'nothing') return heldBy(holder.holder, olds?.transaction);
    await requireFit(pool, inputs.to, holder.holder, inputs);
    const transaction = await handOver(pool, inputs, signer, holder);
    const after = await planned(inputs, await authorityOf(pool, inputs));
    if (after.plan.kind === 'nothing') return heldBy(holder.holder, transaction);
    const subject = `the authority over ${inputs.title}`;
    throw new CutoverError('CUT-2544', { subject, list: `  its authority is ${after.plan.from}` });
  },

  async see(pool, olds) {
    const found = await authorityOf(pool, olds);
    if (found.kind === 'not there') return undefined;
    const isMeant = found.authority === olds.heldBy;
    const drift = isMeant
      ? []
      : [`it is with ${found.authority ?? 'nobody, for ever'}; it was left with ${olds.heldBy ?? 'nobody'}`];
    return { outputs: {}, drift };
  },
  forgotten: ({ title, heldBy }) => `${title} stays with ${heldBy ?? 'nobody'}`,
});

type Found =
  | { readonly kind: 'program'; readonly authority: string | undefined }
  | { readonly kind: 'not there'; readonly found: string };

async function authorityOf(pool: SolanaPool, { program }: ProgramAuthorityInputs): Promise<Found> {
  const [account, data] = await pool.getAccounts([program, programDataAddress(program)]);
  const facts = programFacts(account, data);
  return typeof facts === 'string'
    ? { kind: 'not there', found: facts }
    : { kind: 'program', authority: facts.authority };
}

/** What follows from who has it; throws what cannot be done from here. */
async function planned(
  inputs: ProgramAuthorityInputs,
  found: Found,
): Promise<{
  readonly plan: Exclude<HandOver, { kind: 'refuse' }>;
  readonly wanted: ProgramHolder;
  readonly holder: Holder;
  readonly signer: SolanaSigner;
}> {
  const { network } = inputs;
  const [signer, holder] = await Promise.all([
    openSolanaSigner(inputs.signer, network),
    holderOf(inputs.to, network),
  ]);
  const wanted = holder.holder;
  const plan: HandOver =
    found.kind === 'not there'
      ? { kind: 'hand over', from: undefined }
      : planHandOver({ ...placeOf(inputs), signer: signer.address, to: wanted }, found.authority);
  if (plan.kind === 'refuse') throw plan.error;
  return { plan, wanted, holder, signer };
}

function handOver(
  pool: SolanaPool,
  { title, program }: ProgramAuthorityInputs,
  signer: SolanaSigner,
  { holder, key }: Holder,
): Promise<string> {
  const account = programDataAddress(program);
  const authority = signer.address;
  const newAuthority = holder.kind === 'none' ? undefined : holder.address;
  const instruction =
    key === undefined || newAuthority === undefined
      ? setAuthority({ account, authority, newAuthority })
      : setAuthorityChecked({ account, authority, newAuthority });
  return sendTransaction(pool, {
    purpose: `hand ${title} over to ${newAuthority ?? 'nobody'}`,
    payer: signer,
    signers: key === undefined ? [] : [key],
    instructions: [instruction],
    effect: async () => {
      const [found, data] = await pool.getAccounts([program, account]);
      const facts = programFacts(found, data);
      return typeof facts === 'object' && facts.authority === newAuthority;
    },
  });
}

function heldBy(holder: ProgramHolder, transaction: string | undefined): ProgramAuthorityOutputs {
  return {
    ...(holder.kind === 'none' ? {} : { heldBy: holder.address }),
    ...(transaction === undefined ? {} : { transaction }),
  };
}

function nameOf({ to }: ProgramAuthorityInputs, holder: ProgramHolder): string {
  return holder.kind === 'none' ? 'nobody' : `${holder.address}, ${describeProgramAuthority(to)}`;
}

function placeOf({ title, program, network }: ProgramAuthorityInputs): {
  readonly title: string;
  readonly program: string;
  readonly network: string;
} {
  return { title, program, network: describeSolanaNetwork(network) };
}
