import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { readSecret } from '@cutover/base/secrets.ts';
import { addressBytes } from '../plan/solana/address.ts';
import { checkElf } from '../plan/solana/elf.ts';
import { buildCommand, type BuildTool } from '../plan/solana/guards/build.ts';
import type { PreparedProgram } from '../plan/solana/prepared-program.ts';
import { programHash } from '../plan/solana/program-hash.ts';
import {
  addressOfKeypair,
  describeSolanaSigner,
  localKeypair,
  readKeypair,
  type SolanaSignerRef,
} from '../plan/solana/signer.ts';

export interface PrepareProgramArgs {
  /** For people. */
  readonly title: string;
  /** Where its build is, relative to the project: target/deploy/perps.so. */
  readonly artifact: string;
  /** SHA-256 of the reviewed build, as `sha256sum` prints it. Another one is refused. @default any */
  readonly sha256?: string;
  /** What makes the build, told when it is missing or another. @default anchor build, or cargo build-sbf */
  readonly tool?: BuildTool;
  /** The program's own keypair. It may be left out where the program is deployed already. */
  readonly key?: SolanaSignerRef;
  /** The program's id, where its key is not at hand. @default that of its key */
  readonly program?: string;
}

/**
 * Reads a build, checks it as far as can be done without a cluster, and finds its program's address. SIDE EFFECTS: reads
 * files, and the key where no address is given.
 */
export async function prepareProgram(args: PrepareProgramArgs): Promise<PreparedProgram> {
  const { title, artifact, key } = args;
  const bytes = await readReviewed(args);
  const program = await addressOf(args);
  const check = checkElf(bytes);
  if (check.kind === 'refused') {
    const list = check.problems.map((problem) => `  - ${problem}`).join('\n');
    throw new CutoverError('CUT-2410', { title, program, list });
  }
  return {
    ...{ title, artifact, program },
    ...(key === undefined ? {} : { key }),
    ...{ hash: programHash(bytes), fileHash: sha256(bytes), size: bytes.length },
  };
}

/** Reads a build again, and makes sure that it is the prepared one. SIDE EFFECTS: reads a file. */
export async function readPrepared(
  prepared: Pick<PreparedProgram, 'title' | 'artifact' | 'fileHash'>,
): Promise<Uint8Array> {
  const { title, artifact, fileHash: wanted } = prepared;
  const bytes = await readBuild({ title, artifact });
  const found = sha256(bytes);
  if (found !== wanted) throw new CutoverError('CUT-2524', { title, artifact, found, wanted });
  return bytes;
}

/** Reads a build, and refuses one that is not the reviewed one. SIDE EFFECTS: reads a file. */
export async function readReviewed(
  args: Pick<PrepareProgramArgs, 'title' | 'artifact' | 'sha256' | 'tool'>,
): Promise<Uint8Array> {
  const { title, artifact, sha256: wanted, tool } = args;
  const bytes = await readBuild(args);
  const found = sha256(bytes);
  if (wanted === undefined || found === wanted.toLowerCase()) return bytes;
  throw new CutoverError('CUT-2521', { title, artifact, found, wanted, command: buildCommand(tool) });
}

async function readBuild({
  title,
  artifact,
  tool,
}: Pick<PrepareProgramArgs, 'title' | 'artifact' | 'tool'>): Promise<Uint8Array> {
  try {
    return await readFile(fromRoot(artifact));
  } catch (cause) {
    const details = { title, artifact, reason: messageOf(cause), command: buildCommand(tool) };
    throw new CutoverError('CUT-2520', details, { cause });
  }
}

async function addressOf({ title, key, program }: PrepareProgramArgs): Promise<string> {
  if (program !== undefined) addressBytes(program, `the id of ${title}`);
  // Where the address is given the key may be elsewhere: it is asked for when the program is deployed.
  if (key === undefined || (program !== undefined && key.kind !== 'local')) {
    if (program === undefined) throw new CutoverError('CUT-2522', { title });
    return program;
  }
  const keypair = key.kind === 'local' ? localKeypair(key.account) : readKeypair(await readSecret(key), key);
  const found = addressOfKeypair(keypair);
  if (program === undefined || program === found) return found;
  throw new CutoverError('CUT-2523', { title, key: describeSolanaSigner(key), found, program });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
