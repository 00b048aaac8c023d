import { globSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { fromRoot, projectRoot } from '@cutover/base/project.ts';
import { readComponents, type ComponentDoc, type MemberDoc } from './component-reader.ts';

/** Where the pages are, relative to the project. */
export const COMPONENT_DOCS = 'docs/components';

/** A page for each component and one that lists them, by path; made from what the sources say. */
export async function componentPages(): Promise<ReadonlyMap<string, string>> {
  const files = globSync('components/**/*.ts', { cwd: projectRoot }).sort();
  const components = files.flatMap(readComponents).filter(({ token }) => token !== '');
  const pages: [string, string][] = [
    ['README.md', listPage(components)],
    ...components.map((component): [string, string] => [
      pageOf(component),
      componentPage(component, components),
    ]),
  ];
  const options = { ...(await resolveConfig(fromRoot('README.md'))), parser: 'markdown' };
  return new Map(
    await Promise.all(
      pages.map(async ([name, text]): Promise<[string, string]> => [
        `${COMPONENT_DOCS}/${name}`,
        await format(text, options),
      ]),
    ),
  );
}

/** `cutover:aws:DnsZone` -> aws-dns-zone.md. */
function pageOf({ token }: ComponentDoc): string {
  const [, area = '', name = ''] = token.split(':');
  return `${area}-${name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}.md`;
}

function listPage(components: readonly ComponentDoc[]): string {
  const areas = [...new Set(components.map(areaOf))];
  const rows = (area: string): string =>
    components
      .filter((component) => areaOf(component) === area)
      .map(
        (component) =>
          `| [${component.name}](${pageOf(component)}) | ${cell(firstSentence(component.text))} |`,
      )
      .join('\n');
  return `# Components

The building blocks of systems. These pages are made from the sources by \`node ops/write-component-docs.ts\`; a test
fails while they lag behind.

Every component of AWS is given a \`site\`: the provider of the account, the account, region, environment and system,
the tags that everything carries, and whether what holds data is kept (\`siteOf\` in components/aws/site.ts makes one).
What is regional carries the region in its name, so the same component can stand in several regions. Wrong arguments are
refused together, with what to write instead (CUT-5400), before anything is registered.

\`transform\` is the way out when an argument is missing: for each kind of child a function that is given its arguments,
its options and which one of several it is, and returns the arguments and options that are used. It cannot move a child
to another parent.

\`\`\`ts
new Network('coinestate', {
  …,
  transform: {
    subnet: (args, opts, part) => [part.startsWith('public') ? { ...args, enableDns64: true } : args, opts],
  },
});
\`\`\`

${areas.map((area) => `## ${area}\n\n| component | what it is |\n|---|---|\n${rows(area)}\n`).join('\n')}`;
}

function componentPage(component: ComponentDoc, all: readonly ComponentDoc[]): string {
  const { name, token, file, text, example, args, outputs, children, types } = component;
  return [
    `# ${name}`,
    text,
    `\`${token}\`, in ${file}.`,
    example === undefined ? '' : `\`\`\`ts\n${example}\n\`\`\``,
    args.length === 0 ? '' : `## Arguments\n\n${argumentTable(args, all)}`,
    outputs.length === 0 ? '' : `## Outputs\n\n${outputTable(outputs, all)}`,
    children.length === 0
      ? ''
      : `## Children\n\nWhat \`transform\` can change: ${children.map((child) => `\`${child}\``).join(', ')}.`,
    types.length === 0
      ? ''
      : `## Types\n\n${types.map(({ source }) => `\`\`\`ts\n${source}\n\`\`\``).join('\n\n')}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function argumentTable(args: readonly MemberDoc[], all: readonly ComponentDoc[]): string {
  const rows = args.map(
    ({ name, type, text, optional, default: value }) =>
      `| \`${name}\` | ${typeCell(type, all)} | ${optional ? cell(value ?? 'none') : '**required**'} | ${cell(text)} |`,
  );
  return ['| argument | type | default | |', '|---|---|---|---|', ...rows].join('\n');
}

function outputTable(outputs: readonly MemberDoc[], all: readonly ComponentDoc[]): string {
  const rows = outputs.map(
    ({ name, type, text }) => `| \`${name}\` | ${typeCell(type, all)} | ${cell(text)} |`,
  );
  return ['| output | type | |', '|---|---|---|', ...rows].join('\n');
}

/** The type as code; one that is a component leads to its page. */
function typeCell(type: string, all: readonly ComponentDoc[]): string {
  const component = all.find(({ name }) => name === type);
  return component === undefined ? cell(`\`${type}\``) : `[${type}](${pageOf(component)})`;
}

/** Text as it may stand in a table. */
function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', String.raw`\|`);
}

function firstSentence(text: string): string {
  return /^.*?[.](?=\s|$)/s.exec(text)?.[0] ?? text;
}

function areaOf({ token }: ComponentDoc): string {
  return token.split(':')[1] ?? '';
}
