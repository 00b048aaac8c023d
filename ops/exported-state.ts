import { execFile } from 'node:child_process';
import { projectRoot } from '@cutover/base/project.ts';
import { pulumiEnvironment } from './pulumi-environment.ts';
import type { StateOfProviders } from './twin/made-by.ts';

/** The state of a stack as `pulumi stack export` prints it, as far as commands read it. */
export interface ExportedState extends StateOfProviders {
  readonly pending_operations?: readonly unknown[];
}

/**
 * The state of a stack, from wherever it is kept. What goes wrong is an error with the CLI's words.
 * SIDE EFFECTS: runs the Pulumi CLI in the folder of the program.
 */
export async function exportState<State extends ExportedState>(
  stack: string,
  folder = projectRoot,
): Promise<Partial<State>> {
  const text = await exported(stack, folder);
  return (JSON.parse(text) as { readonly deployment?: State }).deployment ?? {};
}

function exported(stack: string, folder: string): Promise<string> {
  const command = ['stack', 'export', '--stack', stack, '--non-interactive'];
  const options = {
    cwd: folder,
    env: pulumiEnvironment(['--stack', stack]),
    maxBuffer: 1 << 28,
    timeout: 5 * 60_000,
  };
  return new Promise((resolve, reject) => {
    execFile('pulumi', command, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = stderr.trim().split('\n').slice(0, 10).join('\n');
      reject(new Error(said === '' ? `the CLI ended with ${error.code ?? error.signal}` : said));
    });
  });
}
