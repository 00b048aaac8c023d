import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { readProposal, type Proposal } from '../../plan/authority/proposal.ts';

/** What a folder of proposals holds. */
export interface ProposalFiles {
  readonly proposals: readonly Proposal[];
  /** Files that are damaged or tampered with. */
  readonly broken: readonly { readonly file: string; readonly problem: string }[];
}

/** Where a stack keeps its proposals. */
export function proposalsFolder(folder: string): string {
  return join(folder, 'proposals');
}

/** Reads all proposals of a stack, by nonce. SIDE EFFECTS: reads files. */
export async function readProposals(folder: string): Promise<ProposalFiles> {
  const place = proposalsFolder(folder);
  const names = (await readdir(place).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const file = join(place, name);
      return { file, ...readProposal(await readFile(file, 'utf8'), name) };
    }),
  );
  return {
    proposals: files
      .flatMap((each) => (each.kind === 'proposal' ? [each.proposal] : []))
      .sort((a, b) => a.transaction.nonce - b.transaction.nonce),
    broken: files.flatMap((each) =>
      each.kind === 'wrong' ? [{ file: each.file, problem: each.problem }] : [],
    ),
  };
}

/** Writes a proposal where `./cutover approve` finds it. SIDE EFFECTS: writes a file. */
export async function writeProposal(folder: string, proposal: Proposal): Promise<void> {
  const file = join(proposalsFolder(folder), `${proposal.safeTxHash}.json`);
  await writeFileAtomic(file, `${JSON.stringify(proposal, undefined, 2)}\n`);
}
