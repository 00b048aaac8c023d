import { format, resolveConfig } from 'prettier';
import type { Held } from '../../../../ops/twin/held.ts';
import { withoutChance } from './meet.ts';
import type { Chapter, Mistake } from './mistake.ts';
import type { World } from './world.ts';

const head = `# Mistakes that the twin refuses

What people did, what AWS said to them, and what the twin says to the same. The mistakes are taken from AWS's
documentation and from reports of users, whose words are quoted; each is made in a small world that is otherwise right,
through the same code that the engine calls, and each is made again without the mistake, which is taken. What is made up
by chance is \`…\`. This page is made by \`vitest run --project unit test/ops/twin/mistakes.test.ts -u\`; a test fails
while it lags behind.

**preview** is before anything is sent, where what the arguments name is there already; **update** is by the call.
`;

/** The page about all mistakes. `world` is one that nothing has happened in. */
export async function mistakesPage(
  file: string,
  chapters: readonly Chapter[],
  world: World,
): Promise<string> {
  const all = chapters.flatMap(({ mistakes }) => mistakes);
  const text = [
    head,
    `${all.length} mistakes: ${early(all)} are refused by preview, ${all.length - early(all)} by the call. In ${alike(all)} of them the twin's words are those of the source, values aside; in the others the source gives a rule and no error, or speaks through another tool.`,
    table(chapters),
    ...chapters.flatMap(({ service, mistakes }) => [
      `## ${service}`,
      ...mistakes.map((mistake) => entry(mistake, world)),
    ]),
  ].join('\n\n');
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

function table(chapters: readonly Chapter[]): string {
  const rows = chapters.map(
    ({ service, mistakes }) =>
      `| ${service} | ${mistakes.length} | ${early(mistakes)} | ${mistakes.length - early(mistakes)} | ${alike(mistakes)} |`,
  );
  return [
    '| | mistakes | preview | update | in the words of the source |',
    '| --- | --: | --: | --: | --: |',
    ...rows,
  ].join('\n');
}

function entry(mistake: Mistake, world: World): string {
  const { what, quote, source, says, at } = mistake;
  return [
    `### ${what}`,
    `${done(mistake, world)} Refused by ${at}.`,
    `- [AWS](${source}): ${code(quote)}`,
    `- The twin: ${code(says)}`,
  ].join('\n\n');
}

function done(mistake: Mistake, world: World): string {
  if (mistake.doing === 'delete') return `\`${world.made(mistake.name).type}\`, deleted.`;
  const changes = Object.entries(mistake.wrong(world)).map(([name, value]) =>
    value === undefined ? `without ${code(name)}` : code(`${name}: ${shown(value, world)}`),
  );
  return `\`${mistake.type}\` with ${changes.join(', ').replace(/^without /, 'no ')}.`;
}

/** A value as a program would write it: what chance made up goes by the name of its resource. */
function shown(value: Held, world: World): string {
  const text = typeof value === 'string' && value.startsWith('{') ? value : JSON.stringify(value);
  const named = world.list().reduce((rest, { name, id, properties }) => {
    const arn = properties['arn'];
    const known = typeof arn === 'string' ? rest.replaceAll(JSON.stringify(arn), `${name}.arn`) : rest;
    return withoutChance(id) === id ? known : known.replaceAll(JSON.stringify(id), `${name}.id`);
  }, text);
  return withoutChance(named);
}

function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  const gap = text.includes('`') ? ' ' : '';
  return `${fence}${gap}${text}${gap}${fence}`;
}

function early(mistakes: readonly Mistake[]): number {
  return mistakes.filter(({ at }) => at === 'preview').length;
}

function alike(mistakes: readonly Mistake[]): number {
  return mistakes.filter(sameWords).length;
}

/** Whether the twin says what the source says, but for ids, names and numbers. */
function sameWords({ says, quote }: Mistake): boolean {
  const [message = ''] = says.replace(/^\w+(\.\w+)?: /, '').split(' Examine values at ');
  return masked(quote).includes(masked(message));
}

function masked(text: string): string {
  return text
    .replaceAll(/arn:[^\s'"]+|'[^']*'/g, '¤')
    .replaceAll(/\S*[\d…*]\S*|\S+\.\w\S*/g, '¤')
    .replaceAll(/[\s.,\]]+/g, ' ')
    .trim();
}
