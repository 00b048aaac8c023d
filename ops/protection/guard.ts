import { execFile } from 'node:child_process';
import { CutoverError } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { pulumiEnvironment, stackOf } from '../pulumi-environment.ts';
import { asksProviders, refuseOthersState } from './maker.ts';
import { demandOf, isOpen, losses, previewOf, protectionOf, type PreviewStep } from './plan.ts';
import { unlocksOf } from './unlocks.ts';

/**
 * Refuses a command line of the Pulumi CLI that a locked stack may not be given, and any on a state that was made by the
 * twin. An update is previewed first, and refused where it would delete or replace what cannot be made again.
 * SIDE EFFECTS: reads files, asks for the state, may run a preview.
 */
export async function guardCommandLine(argv: readonly string[]): Promise<void> {
  const demand = demandOf(argv);
  if (demand === 'harmless' && !asksProviders(argv)) return;
  const stack = await stackMeant(argv);
  // Nothing of dev is in a cloud.
  if (stack !== 'dev' && asksProviders(argv)) await refuseOthersState(stack);
  if (demand === 'harmless') return;
  if (await isFree(stack)) return;
  if (demand === 'destroys') throw refusal(stack, `pulumi ${argv.join(' ')}`, 'all that it holds.');
  const lost = losses(await stepsOf(stack, argv));
  if (lost.length > 0) throw refusal(stack, `pulumi ${argv.join(' ')}`, `\n    ${lost.join('\n    ')}`);
}

/** Refuses to destroy a locked stack, or what the twin made. SIDE EFFECTS: reads files, or the bucket of its state. */
export async function guardDestroy(stack: string, command: string): Promise<void> {
  await refuseOthersState(stack);
  await refuseLocked(stack, command);
}

/** Refuses a command that takes from a locked stack. SIDE EFFECTS: reads files, or the bucket of its state. */
export async function refuseLocked(stack: string, command: string): Promise<void> {
  if (!(await isFree(stack))) throw refusal(stack, command, 'all that it holds.');
}

/** Whether a stack has a lock at all. SIDE EFFECTS: reads its file. */
export async function hasLock(stack: string): Promise<boolean> {
  const { readStackFile } = await import('../stack-file.ts');
  const file = await readStackFile(stack).catch(() => undefined);
  return protectionOf(stack, file?.values['cutover:environment']) === 'locked';
}

async function isFree(stack: string): Promise<boolean> {
  if (!(await hasLock(stack))) return true;
  return isOpen(await unlocksOf(stack).read(), stack, Date.now());
}

function refusal(stack: string, deed: string, lost: string): CutoverError {
  return new CutoverError('CUT-5480', { stack, deed, losses: lost });
}

/** The stack that a command line means: the one it names, else the one that is selected in the backend at hand. */
async function stackMeant(argv: readonly string[]): Promise<string> {
  const named = stackOf(argv, {});
  const known = named === 'dev' ? (process.env['PULUMI_STACK'] ?? named) : named;
  const mayBeElsewhere = known === 'dev' && process.env['PULUMI_BACKEND_URL'] !== undefined;
  const selected = mayBeElsewhere
    ? await pulumi(argv, ['stack', '--show-name', '--non-interactive']).catch(() => known)
    : known;
  // organization/cutover/prod
  return selected.trim().split('/').at(-1) ?? known;
}

interface Preview {
  readonly steps?: readonly PreviewStep[];
  readonly duration?: number;
}

async function stepsOf(stack: string, argv: readonly string[]): Promise<readonly PreviewStep[]> {
  try {
    const told = JSON.parse(await pulumi(argv, previewOf(argv))) as Preview;
    // The CLI leaves out a list that is empty.
    if (told.steps !== undefined || told.duration !== undefined) return told.steps ?? [];
    throw new Error('the preview tells nothing');
  } catch (error) {
    const lines = `  ${error instanceof Error ? error.message.replaceAll('\n', '\n  ') : 'it failed'}`;
    throw new CutoverError('CUT-5481', { stack, lines });
  }
}

function pulumi(argv: readonly string[], command: readonly string[]): Promise<string> {
  const options = {
    cwd: projectRoot,
    env: pulumiEnvironment(argv),
    maxBuffer: 1 << 28,
    timeout: 30 * 60_000,
  };
  return new Promise((resolve, reject) => {
    execFile('pulumi', command, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      // Not the command line: values of configuration may be in it.
      const said = stderr.trim().split('\n').slice(0, 20).join('\n');
      reject(new Error(said === '' ? `the CLI ended with ${error.code ?? error.signal}` : said));
    });
  });
}
