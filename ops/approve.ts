import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Argument, type Command } from 'commander';
import type { ProposalStatus } from '@cutover/chain/evm/authority/approve.ts';
import type { Rpc } from '@cutover/chain/evm/rpc.ts';
import type { Proposal } from '@cutover/chain/plan/authority/proposal.ts';
import type { SafeTransaction } from '@cutover/chain/plan/authority/safe-transaction.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { fromRoot, runtimeFolder, toRoot } from '@cutover/base/project.ts';
import type { CutoverConfig } from '../infra/config.ts';
import type { SeenOnSolana, TimelockOfStack } from './approve-program.ts';
import { anAddress } from './given-address.ts';
import { chainsOf, signerNamed } from './stack-chains.ts';
import { terminalOn, type Terminal } from './terminal.ts';

interface ApproveOptions {
  readonly safe?: string;
  readonly hash?: string;
  readonly proposal?: string;
  readonly signer?: string;
  readonly folder?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

/** One proposal that waits, as `./cutover approve STACK --json` prints it. */
export interface WaitingProposal {
  readonly safeTxHash: string;
  readonly purpose: string;
  readonly safe: string;
  readonly chainId: number;
  readonly network: string;
  readonly nonce: number;
  /** What would be signed, as it is. */
  readonly transaction: SafeTransaction;
  readonly does: readonly string[];
  readonly threshold: number;
  readonly signed: readonly string[];
  readonly waitsFor: readonly string[];
  /** False where no endpoint of its chain answers: then it is told as it was last seen. */
  readonly seen: boolean;
}

/** `./cutover approve STACK`: what waits for owners of a Safe or members of a time lock, and an approval of it. */
export function registerApprove(program: Command): void {
  program
    .command('approve')
    .description(
      'show what waits for owners of a Safe or members of a time lock, or approve it as one of them',
    )
    .addArgument(new Argument('<stack>', 'dev, staging or prod'))
    .option('--safe <address>', 'only proposals of this Safe', anAddress)
    .option('--hash <safeTxHash>', 'only this proposal of a Safe')
    .option('--proposal <address>', 'only this proposal of a time lock on Solana')
    .option('--signer <name>', 'approve as this signer of the stack file')
    .option('--folder <folder>', 'the folder that holds `proposals`; of another machine, say')
    .option('--yes', 'sign without asking', false)
    .option('--json', 'print it as JSON', false)
    .addHelpText(
      'after',
      `
Without --signer it only shows. What is shown is read out of the transaction that would be signed; the chain is asked
who owns the Safe and who has approved. An approval is a file; the next update collects it and, when enough have
approved, executes the transaction.

Upgrades of programs on Solana wait for members of a time lock. What is shown is read from the cluster, and the buffer
is hashed anew; an approval is a transaction that the member signs and pays.

Examples:
  ./cutover approve staging
  ./cutover approve staging --hash 0x… --signer escrow-admin
  ./cutover approve dev --proposal GJS9… --signer godark-member-1`,
    )
    .action(async (stack: string, options: ApproveOptions) => {
      const { loadStackConfig } = await import('./config.ts');
      const config = await loadStackConfig(stack);
      process.exitCode = await approve(
        stack,
        config,
        options,
        terminalOn(process.stdout),
        await timelocksOf(stack, options),
      );
    });
}

/** The time locks of a stack, unless something else was asked for. SIDE EFFECTS: reads the state. */
async function timelocksOf(
  stack: string,
  { safe, hash, folder }: ApproveOptions,
): Promise<readonly TimelockOfStack[]> {
  if (safe !== undefined || hash !== undefined || folder !== undefined) return [];
  const [{ readLocalState }, { timelocksIn }] = await Promise.all([
    import('./stack-state.ts'),
    import('./approve-program.ts'),
  ]);
  return timelocksIn((await readLocalState(stack))?.resources ?? []);
}

/**
 * Shows what waits, or approves it. The exit code of the command. SIDE EFFECTS: may write an approval, or send one to a
 * time lock.
 */
export async function approve(
  stack: string,
  config: Pick<CutoverConfig, 'networks' | 'signers'>,
  options: ApproveOptions,
  terminal: Terminal,
  timelocks: readonly TimelockOfStack[] = [],
): Promise<number> {
  const { approveOnSolana, seenOnSolana } = await import('./approve-program.ts');
  const folders =
    options.folder === undefined ? [join(runtimeFolder, stack), runtimeFolder] : [fromRoot(options.folder)];
  const [statuses, seen] = await Promise.all([
    options.proposal === undefined ? proposalsIn(folders, config) : [],
    seenOnSolana(timelocks),
  ]);
  const { signer } = options;
  if (signer === undefined) {
    await show(stack, options, statuses, seen, folders, terminal);
    return 0;
  }
  const named = { ...options, signer };
  const chosen = await meantOnSolana(stack, options, statuses, seen);
  if (chosen === undefined) return sign(stack, config, named, statuses, folders, terminal);
  const ask = (question: string) => options.yes || agreed(question, options, terminal);
  return approveOnSolana(stack, config, chosen, named, terminal, ask);
}

async function show(
  stack: string,
  options: ApproveOptions,
  statuses: readonly Seen[],
  seen: SeenOnSolana,
  folders: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const { chooseOnSolana, printOnSolana, reportOnSolana } = await import('./approve-program.ts');
  const { proposal: address } = options;
  const named = statuses.filter((each) => isNamed(each, options));
  const waiting = named.filter(({ status }) => status.over === undefined).map(reportOf);
  // A mistyped name must not read as if nothing waited.
  if (options.hash !== undefined && named.length === 0) throw notFound(stack, options, statuses, folders);
  if (address !== undefined && seen.unseen.length === 0) chooseOnSolana(stack, seen, address);
  const meant = seen.waiting.filter(({ proposal }) => address === undefined || proposal.proposal === address);
  const onSolana = { ...seen, waiting: meant };
  if (options.json) {
    const report = { stack, proposals: waiting, onSolana: reportOnSolana(onSolana), unseen: seen.unseen };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  if (waiting.length > 0 || meant.length === 0) printWaiting(stack, waiting, terminal);
  const over = options.hash === undefined ? [] : named.flatMap(({ status }) => status.over ?? []);
  for (const why of over) terminal.line(`It is over: ${why}.`);
  printOnSolana(onSolana, terminal);
}

/** The proposal of a time lock that is meant; undefined where it is one of a Safe. */
async function meantOnSolana(
  stack: string,
  { proposal }: ApproveOptions,
  statuses: readonly Seen[],
  seen: SeenOnSolana,
): Promise<SeenOnSolana['waiting'][number] | undefined> {
  const { chooseOnSolana } = await import('./approve-program.ts');
  const open = statuses.filter(({ status }) => status.over === undefined);
  if (proposal !== undefined || (open.length === 0 && seen.waiting.length > 0)) {
    return chooseOnSolana(stack, seen, proposal);
  }
  if (seen.waiting.length === 0) return undefined;
  const known = [
    ...open.map(({ status }) => status.proposal.safeTxHash),
    ...seen.waiting.map((each) => each.proposal.proposal),
  ];
  throw new CutoverError('CUT-2493', { stack, count: known.length, known: known.join(', ') });
}

interface Seen {
  readonly status: ProposalStatus;
  /** Undefined where no endpoint of its chain answers. */
  readonly rpc: Rpc | undefined;
}

/** The proposals of a stack, each asked of its chain. One that is not to be trusted stops everything. */
async function proposalsIn(
  folders: readonly string[],
  config: Pick<CutoverConfig, 'networks'>,
): Promise<readonly Seen[]> {
  const { readProposals } = await import('@cutover/chain/evm/authority/proposals.ts');
  const files = await Promise.all(folders.map(readProposals));
  const broken = files.flatMap((each) => each.broken)[0];
  if (broken !== undefined) {
    throw new CutoverError('CUT-2281', { file: toRoot(broken.file), problem: broken.problem });
  }
  const networks = chainsOf(config);
  const proposals = files.flatMap((each) => each.proposals).filter((each) => networks.has(each.chainId));
  return Promise.all(proposals.map((proposal) => look(proposal, networks.get(proposal.chainId))));
}

function isNamed({ status }: Seen, { safe, hash }: ApproveOptions): boolean {
  const { proposal } = status;
  return (
    (hash === undefined || proposal.safeTxHash === hash.toLowerCase()) &&
    (safe === undefined || proposal.safe.toLowerCase() === safe.toLowerCase())
  );
}

async function look(proposal: Proposal, network: NetworkRef | undefined): Promise<Seen> {
  const [{ connect }, { statusOf }, { describeSafeTransaction }] = await Promise.all([
    import('@cutover/chain/evm/rpc.ts'),
    import('@cutover/chain/evm/authority/approve.ts'),
    import('@cutover/chain/plan/authority/words.ts'),
  ]);
  const { owners, threshold, signed, waitsFor, withdrawn } = proposal;
  const remembered: ProposalStatus = {
    ...{ proposal, owners, threshold, waitsFor, signed: signed.map(({ owner }) => owner) },
    words: describeSafeTransaction(proposal.transaction, proposal.functions),
    over: withdrawn,
  };
  if (network === undefined) return { status: remembered, rpc: undefined };
  try {
    const rpc = await connect(network);
    return { status: await statusOf(rpc, proposal), rpc };
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error;
    if (error.code === 'CUT-2030') return { status: remembered, rpc: undefined };
    // A local chain that was started anew has no such Safe.
    if (error.code !== 'CUT-2260') throw error;
    return { status: { ...remembered, over: 'its Safe is not on the chain any more' }, rpc: undefined };
  }
}

async function sign(
  stack: string,
  config: Pick<CutoverConfig, 'networks' | 'signers'>,
  options: ApproveOptions & { readonly signer: string },
  statuses: readonly Seen[],
  folders: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const { connect } = await import('@cutover/chain/evm/rpc.ts');
  const { approveProposal, requireMaySign } = await import('@cutover/chain/evm/authority/approve.ts');
  const signer = signerNamed(stack, config, options.signer);
  const chosen = chooseOne(stack, options, statuses, folders);
  const { status } = chosen;
  const network = chainsOf(config).get(status.proposal.chainId);
  // Where it did not answer a moment ago it is asked once more, and its error is told.
  const rpc = chosen.rpc ?? (network && (await connect(network)));
  if (rpc === undefined) return 1;
  const address = await requireMaySign(rpc, status, signer);
  if (!options.json) printWaiting(stack, [reportOf(chosen)], terminal);
  if (!options.yes && !(await agreed(`Approve as ${address} (${options.signer})?`, options, terminal))) {
    terminal.line('Nothing was signed.');
    return 1;
  }
  const approved = await approveProposal(rpc, status, signer);
  if (options.json) {
    const { safeTxHash } = status.proposal;
    process.stdout.write(`${JSON.stringify({ stack, safeTxHash, ...approved }, null, 2)}\n`);
    return 0;
  }
  terminal.line(terminal.style('green', `Approved as ${approved.owner}: ${approved.file}`));
  terminal.line(
    approved.missing === 0
      ? 'Enough owners have approved: the next update executes it.'
      : `${approved.missing} more of its owners must approve.`,
  );
  return 0;
}

/** The proposal that is meant; one that is over only when it was named. */
function chooseOne(
  stack: string,
  options: ApproveOptions,
  statuses: readonly Seen[],
  folders: readonly string[],
): Seen {
  const open = statuses.filter(({ status }) => status.over === undefined);
  const named = (options.hash === undefined ? open : statuses).filter((each) => isNamed(each, options));
  const [first, ...others] = named;
  if (first !== undefined && others.length === 0) return first;
  if (first === undefined) throw notFound(stack, options, statuses, folders);
  throw new CutoverError('CUT-2284', { stack, count: named.length, hashes: openHashes(statuses) });
}

function openHashes(statuses: readonly Seen[]): string {
  const open = statuses.filter(({ status }) => status.over === undefined);
  return open.map(({ status }) => status.proposal.safeTxHash).join(', ');
}

function notFound(
  stack: string,
  { hash, safe }: ApproveOptions,
  statuses: readonly Seen[],
  folders: readonly string[],
): CutoverError {
  return new CutoverError('CUT-2280', {
    stack,
    which:
      hash === undefined
        ? safe === undefined
          ? 'an open proposal'
          : `the Safe ${safe}`
        : `the hash ${hash}`,
    folder: folders.map((folder) => toRoot(join(folder, 'proposals'))).join(' and '),
    known: openHashes(statuses) || 'none',
  });
}

async function agreed(question: string, options: ApproveOptions, terminal: Terminal): Promise<boolean> {
  if (!terminal.interactive || options.json || process.stdin.isTTY !== true)
    throw new CutoverError('CUT-2285');
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`${question} [y/N] `).finally(() => prompt.close());
  return /^y(es)?$/i.test(answer.trim());
}

function reportOf({ status, rpc }: Seen): WaitingProposal {
  const { proposal, words, threshold, signed, waitsFor } = status;
  const { safeTxHash, purpose, safe, chainId, network, transaction } = proposal;
  const { nonce } = transaction;
  return {
    ...{ safeTxHash, purpose, safe, chainId, network, nonce, transaction, does: words },
    ...{ threshold, signed, waitsFor, seen: rpc !== undefined },
  };
}

function printWaiting(stack: string, waiting: readonly WaitingProposal[], { line, style }: Terminal): void {
  if (waiting.length === 0) {
    line(`Nothing of ${stack} waits for approval.`);
    return;
  }
  for (const each of waiting) {
    line(style('bold', each.safeTxHash));
    line(`  said to be for   ${each.purpose}`);
    line(
      `  Safe             ${each.safe} on ${each.network} (chain ${each.chainId}), transaction ${each.nonce}`,
    );
    each.does.forEach((words, index) => {
      const shown = words.startsWith('WARNING') ? style('red', words) : words;
      line(`  ${index === 0 ? 'does' : '    '}             ${shown}`);
    });
    line(
      `  approved         ${each.signed.length} of ${each.threshold}: ${each.signed.join(', ') || 'nobody yet'}`,
    );
    if (each.waitsFor.length > 0) line(`  may approve      ${each.waitsFor.join(', ')}`);
    if (!each.seen) line(style('yellow', '  no endpoint of its chain answers; this is how it was last seen'));
    line();
  }
}
