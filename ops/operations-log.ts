import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { runtimeFolder } from '@cutover/base/project.ts';

/** One deed of an operator that is more than an ordinary update. */
export interface Operation {
  readonly command: string;
  readonly system: string;
  /** Empty when none was given. */
  readonly reason: string;
  readonly from: string;
  readonly to: string;
}

/** A deed as it is kept: with when, who, and how the update ended that carried it out. */
export interface RecordedOperation extends Operation {
  readonly at: string;
  readonly by: string;
  readonly exit: number;
  /** The transaction that did it, where there is one to name. */
  readonly transaction?: string | undefined;
}

/** How a deed ended, and what turned out to be otherwise than it seemed before. */
export type Ending = Pick<RecordedOperation, 'exit' | 'transaction'> & Partial<Pick<Operation, 'from'>>;

/**
 * Does something for an operator and writes down who did what, when and why, whatever becomes of it.
 * SIDE EFFECTS: those of the work; appends to `.cutover/<stack>/operations.jsonl`, or says that it could not.
 */
export async function recorded(
  stack: string,
  operation: Operation,
  work: () => Promise<Ending>,
): Promise<number> {
  const at = new Date().toISOString();
  let ending: Ending = { exit: 1 };
  try {
    ending = await work();
    return ending.exit;
  } catch (error) {
    if (error instanceof CutoverError) ending = { exit: error.exit };
    throw error;
  } finally {
    const line: RecordedOperation = { at, by: userName(), ...operation, ...ending };
    const text = JSON.stringify(line);
    // What was done is done: it must not look as if it had failed.
    await append(stack, `${text}\n`).catch((error: unknown) => {
      process.stderr.write(`Not written down in ${logFile(stack)} (${messageOf(error)}): ${text}\n`);
    });
  }
}

/** Refuses what must not be done where nobody could read of it. SIDE EFFECTS: makes the log. */
export async function refuseUnwritableLog(stack: string): Promise<void> {
  await append(stack, '').catch((error: unknown) => {
    throw new CutoverError('CUT-5117', { stack, file: logFile(stack), message: messageOf(error) });
  });
}

async function append(stack: string, text: string): Promise<void> {
  await mkdir(join(runtimeFolder, stack), { recursive: true, mode: 0o700 });
  await appendFile(logFile(stack), text, { mode: 0o600 });
}

/** The deeds of a stack, oldest first. A line that a crash has torn is passed over. */
export async function readOperations(stack: string): Promise<readonly RecordedOperation[]> {
  const text = await readFile(logFile(stack), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as RecordedOperation];
    } catch {
      return [];
    }
  });
}

// In a container there may be no name for the user.
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

function logFile(stack: string): string {
  return join(runtimeFolder, stack, 'operations.jsonl');
}
