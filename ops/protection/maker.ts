import { exportState, type ExportedState } from '../exported-state.ts';
import { refuseForeignState } from '../twin/made-by.ts';

/** Commands of the CLI in which providers look for what the state names. */
const meetsProviders = new Set([
  ...['up', 'update', 'preview', 'pre', 'refresh', 'watch', 'import'],
  ...['destroy', 'down', 'dn'],
]);

/** Whether a command line of the CLI has providers look for what the state names. */
export function asksProviders(argv: readonly string[]): boolean {
  const [command = ''] = argv.filter((word) => !word.startsWith('-'));
  return meetsProviders.has(command) && !argv.some((word) => word === '--help' || word === '-h');
}

/**
 * Refuses a state that the twin has made where the real providers are at work, and the reverse, before anything is asked
 * of either. What has no state, or none that can be read, is left to the CLI. SIDE EFFECTS: runs the CLI.
 */
export async function refuseOthersState(
  stack: string,
  folder?: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const state = await exportState<ExportedState>(stack, folder).catch(() => ({}));
  refuseForeignState(stack, state, env['CUTOVER_TWIN'] === undefined ? 'real' : 'twin');
}
