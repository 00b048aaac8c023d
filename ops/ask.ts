import { createInterface } from 'node:readline/promises';
import { CutoverError } from '@cutover/base/errors.ts';

/**
 * Asks whether to go on. Only `yes` is yes. Refuses where there is no terminal to answer at. SIDE EFFECTS: reads the
 * terminal.
 */
export async function goesOn(question: string, command: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CutoverError('CUT-5477', { command });
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await reader.question(`${question} Type yes: `)).trim() === 'yes';
  } finally {
    reader.close();
  }
}
