import { Argument, type Command } from 'commander';

const shells = ['bash', 'zsh'] as const;

/** `./cutover completion SHELL`: prints a script that completes commands, their options and stack names. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell to complete in').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  eval "$(./cutover completion bash)"      in ~/.bashrc, with the full path of cutover
  eval "$(./cutover completion zsh)"       in ~/.zshrc`,
    )
    .action((shell: (typeof shells)[number]) => {
      process.stdout.write(completionScript(shell, wordsOf(program)));
    });
}

/** What may follow each command: its options and the choices of its arguments. */
export type Words = ReadonlyMap<string, readonly string[]>;

/** Reads the words of every command from the command tree, so that completion never lags behind. */
export function wordsOf(program: Command): Words {
  const words = new Map<string, readonly string[]>();
  for (const command of program.commands) {
    const options = command.options.flatMap((option) => (option.long == null ? [] : [option.long]));
    const choices = command.registeredArguments.flatMap(
      (argument) => argument.argChoices ?? (argument.name() === 'stack' ? ['dev', 'staging', 'prod'] : []),
    );
    words.set(command.name(), [...new Set([...choices, ...options, '--help'])]);
  }
  return words;
}

/** The script for one shell. */
export function completionScript(shell: 'bash' | 'zsh', words: Words): string {
  const cases = [...words].map(([name, after]) => `    ${name}) words="${after.join(' ')}" ;;`).join('\n');
  const all = [...words.keys(), 'help', '--version', '--help'].join(' ');
  if (shell === 'bash') {
    return `_cutover() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases}
    *) words="${all}" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${all}"
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _cutover cutover ./cutover
`;
  }
  return `_cutover() {
  local choices
  case "$words[2]" in
${cases.replaceAll('words=', 'choices=')}
    *) choices="${all}" ;;
  esac
  (( CURRENT == 2 )) && choices="${all}"
  compadd -- \${=choices}
}
compdef _cutover cutover ./cutover
`;
}
