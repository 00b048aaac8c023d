import { table } from '../terminal.ts';
import type { Backend } from './backend.ts';
import type { Step } from './part.ts';

/** A plan as it is read: one line a part, and how many there are of each kind of deed. */
export function planLines(steps: readonly Step[]): readonly string[] {
  const rows = steps.map(({ part, deed, wrong }) => [
    deeds[deed],
    part.kind,
    part.name,
    deed === 'mend' ? wrong.join(', ') : '',
  ]);
  return table([['', 'KIND', 'NAME', 'WHAT DIFFERS'], ...rows]);
}

const deeds: Readonly<Record<Step['deed'], string>> = {
  create: '+ create',
  mend: '~ mend',
  leave: '  fine',
  refuse: '! not ours',
};

/** Whether a plan changes anything. */
export function isNothing(steps: readonly Step[]): boolean {
  return steps.every(({ deed }) => deed === 'leave');
}

/** A step for programs: nothing in it is secret. */
export function stepReport({ part, deed, wrong, found }: Step): object {
  const why = found.kind === 'foreign' ? { why: found.why } : {};
  return { kind: part.kind, name: part.name, deed, differs: deed === 'mend' ? wrong : [], ...why };
}

/** What to run when the foundation is there. */
export function nextLines(
  stack: string,
  { url }: Backend,
  roleArns: Readonly<Record<string, string>>,
): readonly string[] {
  return [
    'Next, on every machine and in CI:',
    `  export PULUMI_BACKEND_URL='${url}'`,
    `  ./cutover pulumi preview -s ${stack}`,
    '',
    'Roles:',
    ...Object.entries(roleArns).map(([name, arn]) => `  ${name.padEnd(12)} ${arn}`),
  ];
}
