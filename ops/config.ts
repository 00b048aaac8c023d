import { Argument, type Command } from 'commander';
import { projectRoot } from '@cutover/base/project.ts';
import type { CutoverConfig } from '../infra/config.ts';
import type { StackFile } from './stack-file.ts';

interface ConfigOptions {
  readonly json: boolean;
}

/** `./cutover config STACK`: what the program will see of a stack file. */
export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('check a stack file and print what the program will see of it')
    .addArgument(new Argument('<stack>', 'dev, staging or prod'))
    .option('--json', 'print it as JSON on standard output', false)
    .addHelpText(
      'after',
      `
Values that the file does not give are filled in and marked \`default\`; those that are worked out, \`computed\`.
Secrets are only ever named in a stack file, so there is none to print. A file with mistakes is refused with all of
them (exit 2). Nothing is contacted and nothing is changed.

Examples:
  ./cutover config dev
  ./cutover config prod --json | jq .config.systems.godark.regions`,
    )
    .action(async (stack: string, options: ConfigOptions) => {
      const { readStackFile } = await import('./stack-file.ts');
      const file = await readStackFile(stack);
      const config = await configOf(stack, file);
      await print(stack, file, config, options);
    });
}

/**
 * Reads and checks the configuration of a stack, without the engine. Throws CUT-1000 with everything that is wrong.
 * SIDE EFFECTS: reads the stack's file.
 */
export async function loadStackConfig(stack: string, folder = projectRoot): Promise<CutoverConfig> {
  const { readStackFile } = await import('./stack-file.ts');
  return configOf(stack, await readStackFile(stack, folder));
}

async function configOf(
  stack: string,
  { file, values, problems, lineOf }: StackFile,
): Promise<CutoverConfig> {
  const { readConfig } = await import('../infra/config.ts');
  return readConfig(values, { stack, file, problems, lineOf });
}

async function print(
  stack: string,
  file: StackFile,
  config: CutoverConfig,
  options: ConfigOptions,
): Promise<void> {
  const [{ originsOf, configText }, { terminalOn }] = await Promise.all([
    import('./config-text.ts'),
    import('./terminal.ts'),
  ]);
  const origins = originsOf(config, file.values);
  if (options.json) {
    const report = { stack, file: file.file, config, origins: Object.fromEntries(origins) };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const { line, style } = terminalOn(process.stdout);
  line(style('dim', `# ${stack}: what the program sees of ${file.file}`));
  for (const each of configText(config, origins).trimEnd().split('\n')) {
    const comment = each.search(/ # (default|computed)$/);
    line(comment < 0 ? each : `${each.slice(0, comment)}${style('dim', each.slice(comment))}`);
  }
}
