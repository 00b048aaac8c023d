import type { EngineFacts, Fact, Facts, FactTable } from './table.ts';

/** The table as text: one line an argument, so that a difference reads like a list of changes. */
export function formatTable(table: FactTable): string {
  const types = Object.entries(table.types).map(([token, { from, inputs, outputs, replaces, secret }]) =>
    block(`    ${JSON.stringify(token)}: {`, '    }', [
      ...(from === undefined ? [] : [`      "from": ${JSON.stringify(from)}`]),
      block('      "inputs": {', '      }', factLines(inputs, 8)),
      `      "outputs": ${JSON.stringify(outputs)}`,
      `      "replaces": ${JSON.stringify(replaces)}`,
      `      "secret": ${JSON.stringify(secret)}`,
    ]),
  );
  return `${block('{', '}', [
    `  "provider": ${JSON.stringify(table.provider)}`,
    `  "version": ${JSON.stringify(table.version)}`,
    `  "sources": ${JSON.stringify(table.sources)}`,
    block('  "types": {', '  }', types),
  ])}\n`;
}

/** The engines as text: one line a region. */
export function formatEngines(engines: Readonly<Record<string, EngineFacts>>): string {
  const lines = Object.entries(engines).map(([engine, { versions, classes, missing }]) =>
    block(`  ${JSON.stringify(engine)}: {`, '  }', [
      `    "versions": ${JSON.stringify(versions)}`,
      `    "classes": ${JSON.stringify(classes)}`,
      block('    "missing": {', '    }', listLines(missing, 6)),
    ]),
  );
  return `${block('{', '}', lines)}\n`;
}

/** Lists by name as text, one line a name. */
export function formatLists(lists: Readonly<Record<string, readonly string[]>>): string {
  return `${block('{', '}', listLines(lists, 2))}\n`;
}

function listLines(lists: Readonly<Record<string, readonly string[]>>, indent: number): string[] {
  return Object.entries(lists).map(
    ([name, words]) => `${' '.repeat(indent)}${JSON.stringify(name)}: ${JSON.stringify(words)}`,
  );
}

function factLines(facts: Facts, indent: number): string[] {
  return Object.entries(facts).map(
    ([name, fact]) => `${' '.repeat(indent)}${JSON.stringify(name)}: ${factText(fact, indent)}`,
  );
}

function factText(fact: Fact, indent: number): string {
  const { items, fields, ...own } = fact;
  const parts = Object.entries(own).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  if (items !== undefined) parts.push(`"items":${factText(items, indent)}`);
  if (fields !== undefined) {
    parts.push(block('"fields":{', `${' '.repeat(indent)}}`, factLines(fields, indent + 1)));
  }
  return `{${parts.join(',')}}`;
}

function block(open: string, close: string, lines: readonly string[]): string {
  return lines.length === 0 ? `${open}}` : `${open}\n${lines.join(',\n')}\n${close}`;
}
