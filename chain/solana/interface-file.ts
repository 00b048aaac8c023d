import { readFile } from 'node:fs/promises';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { readInterface, type ProgramInterface } from '../plan/solana/perps/interface.ts';

/** Reads the file that says how a program is called; it is relative to the project. SIDE EFFECTS: reads a file. */
export async function readInterfaceFile(file: string): Promise<ProgramInterface> {
  const text = await readFile(fromRoot(file), 'utf8').catch((cause: unknown) => {
    throw new CutoverError('CUT-2504', { file, reason: messageOf(cause) }, { cause });
  });
  let description: unknown;
  try {
    description = JSON.parse(text);
  } catch (cause) {
    throw new CutoverError('CUT-2504', { file, reason: messageOf(cause) }, { cause });
  }
  return readInterface(file, description);
}
