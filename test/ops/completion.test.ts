import { execFileSync } from 'node:child_process';
import { Argument, Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionScript, wordsOf } from '../../ops/completion.ts';

const program = new Command('cutover');
program
  .command('up')
  .addArgument(new Argument('[stack]').choices(['dev']))
  .option('--json');
program.command('status').argument('[stack]');

describe('completion', () => {
  it('offers every command, its choices and its options', () => {
    expect(wordsOf(program)).toEqual(
      new Map([
        ['up', ['dev', '--json', '--help']],
        ['status', ['dev', 'staging', 'prod', '--help']],
      ]),
    );
  });

  it.each([
    [['cutover', ''], 1, /^up\nstatus\nhelp/],
    [['cutover', 'st'], 1, /^status\n$/],
    [['cutover', 'up', '--j'], 2, /^--json\n$/],
    [['cutover', 'status', 'st'], 2, /^staging\n$/],
  ] as const)('completes %j in bash', (words, at, expected) => {
    const script = `${completionScript('bash', wordsOf(program))}
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${at}; _cutover
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toMatch(expected);
  });
});
