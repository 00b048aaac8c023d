import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { fromRoot, toRoot } from '@cutover/base/project.ts';
import type { GivenSignature } from '../../plan/authority/safe-signatures.ts';

/** The approval of one owner, as its file holds it. */
export interface ApprovalFile {
  readonly safeTxHash: string;
  readonly owner: string;
  readonly signature: string;
}

/** The signatures in the folder of one Safe transaction. SIDE EFFECTS: reads files. */
export async function readApprovals(folder: string, safeTxHash: string): Promise<readonly GivenSignature[]> {
  const place = join(fromRoot(folder), safeTxHash);
  const names = (await readdir(place).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => {
      const file = join(place, name);
      return { signature: signatureIn(await readFile(file, 'utf8')), from: toRoot(file) };
    }),
  );
}

/** Adds the approval of an owner. SIDE EFFECTS: writes a file. */
export async function writeApproval(folder: string, approval: ApprovalFile): Promise<string> {
  const file = join(fromRoot(folder), approval.safeTxHash, `${approval.owner}.json`);
  await writeFileAtomic(file, `${JSON.stringify(approval, undefined, 2)}\n`);
  return toRoot(file);
}

/** What is damaged counts as no signature, and is told as such. */
function signatureIn(text: string): string {
  try {
    const { signature } = JSON.parse(text) as Partial<ApprovalFile>;
    return typeof signature === 'string' ? signature : '';
  } catch {
    return '';
  }
}
