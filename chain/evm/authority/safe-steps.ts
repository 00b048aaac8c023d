import { CutoverError } from '@cutover/base/errors.ts';
import type { Ids, Missing, Progress, Stage } from '../../plan/authority/progress.ts';
import type { Proposal } from '../../plan/authority/proposal.ts';
import type { SafeStep } from '../../plan/authority/safe.ts';
import { packApprovals } from '../../plan/authority/safe-signatures.ts';
import { executionData, safeTransaction } from '../../plan/authority/safe-transaction.ts';
import { describeNetwork } from '../../plan/network.ts';
import { openAccount } from '../account.ts';
import { writeApproval } from './approvals.ts';
import { writeProposal } from './proposals.ts';
import { failedInside, firstRefused, insideError } from './safe-failure.ts';
import { readSafe, requireSameHash } from './safe-facts.ts';
import { folderOf, newProposal, withdrawProposal } from './safe-proposal.ts';
import type { SafeLook, SafeMove } from './safe-look.ts';
import { sendAndWait } from './send.ts';

/** What a step led to: the end of this call, or another look. */
export type Taken = Progress | { readonly kind: 'look again'; readonly sent: readonly string[] };

const lookAgain: Taken = { kind: 'look again', sent: [] };

/** Takes the step that was planned. SIDE EFFECTS: writes files, sends a transaction. */
export async function takeSafeStep(move: SafeMove, step: SafeStep, look: SafeLook): Promise<Taken> {
  const { transactions } = look;
  switch (step.kind) {
    case 'propose':
      return propose(move, step, look);
    case 'sign':
      return sign(move, step.owners, look);
    case 'gather':
    case 'queue':
      return wait(move, step, look);
    case 'execute':
      return execute(move, look);
    case 'done': {
      const { transactionHash, blockNumber } = step;
      const all = [...new Set([...transactions, transactionHash])];
      return { kind: 'done', transactionHash, blockNumber, ids: idsOf(look.proposal), transactions: all };
    }
    case 'executed elsewhere': {
      const open = look.proposal !== undefined && look.proposal.transaction.nonce >= look.facts.nonce;
      if (open) {
        await withdrawProposal(folderOf(move.authority), proposalOf(look), step.reason, move.log);
      }
      return { kind: 'executed elsewhere', reason: step.reason, ids: idsOf(look.proposal), transactions };
    }
    case 'refuse':
      throw await refusal(move, step, look);
  }
}

async function propose(
  move: SafeMove,
  { nonce, because }: SafeStep & { readonly kind: 'propose' },
  { facts, proposal: earlier }: SafeLook,
): Promise<Taken> {
  const { rpc, authority, action, call, log } = move;
  // Two open proposals of one action could both be executed.
  if (earlier !== undefined && earlier.transaction.nonce >= facts.nonce) {
    await withdrawProposal(folderOf(authority), earlier, because, log);
  }
  const proposal = await newProposal(rpc, authority, action, safeTransaction(call, nonce), facts);
  await requireSameHash(rpc, proposal);
  await writeProposal(folderOf(authority), proposal);
  log(
    `${action.purpose}: proposed as transaction ${nonce} of the Safe ${authority.address}, ` +
      `${proposal.safeTxHash}${earlier === undefined ? '' : `, since ${because}`}`,
  );
  // What stands before it in the queue may still make it possible, so this refuses nothing.
  const refused = await firstRefused(rpc, authority.address, action);
  if (refused !== undefined) {
    log(`warning: ${action.purpose}: as things are now it would fail: ${refused.target} ${refused.reason}`);
  }
  return lookAgain;
}

async function sign(move: SafeMove, owners: readonly string[], look: SafeLook): Promise<Taken> {
  const { approvals, safeTxHash, purpose } = proposalOf(look);
  for (const owner of owners) {
    const signer = look.keys.get(owner);
    if (signer === undefined) continue;
    const account = await openAccount(signer, move.rpc.network);
    const signature = await account.signDigest(safeTxHash);
    await writeApproval(approvals, { safeTxHash, owner, signature });
    move.log(`${purpose}: ${owner} approves`);
  }
  return lookAgain;
}

async function wait(
  move: SafeMove,
  step: SafeStep & { readonly kind: 'gather' | 'queue' },
  look: SafeLook,
): Promise<Taken> {
  const { facts } = look;
  const { owners, threshold } = facts;
  const approvals = facts.proposal?.approvals ?? [];
  const waitsFor = step.kind === 'gather' ? step.who : [];
  const signed = approvals.map(({ owner, how }) => ({ owner, how }));
  const proposal = { ...proposalOf(look), owners, threshold, signed, waitsFor };
  await writeProposal(folderOf(move.authority), proposal);
  const [stage, missing]: [Stage, Missing] =
    step.kind === 'gather'
      ? ['approvals', { what: `${step.missing} of ${threshold} approvals`, who: step.who }]
      : ['queue', { what: `${step.before} transaction(s) of the Safe that come first` }];
  return {
    kind: 'proposed',
    stage,
    missing: [missing],
    ids: idsOf(proposal),
    transactions: look.transactions,
  };
}

/** Anybody may hand the signatures in: whoever pays for the gas. */
async function execute(move: SafeMove, look: SafeLook): Promise<Taken> {
  const { rpc, authority, action, log } = move;
  const { facts } = look;
  const { transaction, safeTxHash } = proposalOf(look);
  const signatures = packApprovals(facts.proposal?.approvals ?? [], facts.threshold);
  const sending = {
    to: authority.address,
    data: executionData(transaction, signatures),
    purpose: action.purpose,
    key: `${action.key}/${safeTxHash}`,
    abi: action.abi ?? [],
  };
  const payer = await openAccount(authority.gas, rpc.network);
  try {
    const { transactionHash } = await sendAndWait(rpc, payer, sending, log);
    return { kind: 'look again', sent: [transactionHash] };
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error;
    // Somebody may have been quicker with the same signatures, or with another transaction.
    if ((await readSafe(rpc, authority.address)).nonce > facts.nonce) return lookAgain;
    throw error.code === 'CUT-2252' ? await insideError(rpc, authority.address, action, error) : error;
  }
}

async function refusal(
  { rpc, authority, action }: SafeMove,
  step: SafeStep & { readonly kind: 'refuse' },
  look: SafeLook,
): Promise<CutoverError> {
  const { purpose } = action;
  const { address } = authority;
  const network = describeNetwork(rpc.network);
  const { transaction, block, safeTxHash } = proposalOf(look);
  switch (step.reason) {
    case 'failed':
      return failedInside(rpc, authority, action, step.transactionHash, step.blockNumber);
    case 'without effect':
      return new CutoverError('CUT-2264', { purpose, hash: step.transactionHash, network });
    case 'cannot tell':
      return new CutoverError('CUT-2265', {
        ...{ purpose, address, network, nonce: transaction.nonce, block, hash: safeTxHash },
      });
  }
}

/** Every step but the first is about a proposal that is there. */
function proposalOf({ proposal }: SafeLook): Proposal {
  if (proposal === undefined) throw new TypeError('a step about a proposal was planned without one');
  return proposal;
}

function idsOf(proposal: Proposal | undefined): Ids {
  if (proposal === undefined) return {};
  const { safeTxHash, transaction, block } = proposal;
  return { safeTxHash, safeNonce: transaction.nonce, block };
}
