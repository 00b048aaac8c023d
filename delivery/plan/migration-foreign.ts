import { splitStatements, sqlSection, type SqlStatement } from './migration-sql.ts';

/** How other tools mark the way back, each on a line of its own. */
const marks = [
  // goose, sql-migrate, micrate; dbmate; rambler
  /^[ \t]*--[ \t]*(\+\w+|migrate:|rambler)[ \t]*down\b/im,
  // npm's sqlite `-- Down`, Play `-- !Downs`, MyBatis `-- //@UNDO`, and what people write by hand
  /^[ \t]*--[- \t!@/]*(downs?|undo|rollback)[- \t:]*\r?$/im,
  // tern
  /^[ \t]*--[- \t]*create above[ \t]*\/[ \t]*drop below\b/im,
];

/**
 * The mark by which another tool begins the way back in a file; undefined where there is none, or nothing behind it.
 * Left unseen, the whole file would be taken for the way up: it would make its tables, drop them and count as run.
 */
export function foreignMark(content: string): string | undefined {
  if (sqlSection(content, 'down') !== undefined) return undefined;
  for (const mark of marks) {
    const found = mark.exec(content);
    if (found === null) continue;
    const behind = content.slice(found.index + found[0].length);
    if (splitStatements(behind, 'postgres').length > 0) return found[0].trim();
  }
  return undefined;
}

/**
 * The file that another one undoes by the names of another tool: `1-a-up.sql` of `1-a-down.sql` (db-migrate), `1.do.a.sql`
 * of `1.undo.a.sql` (postgrator), `1.a.sql` of `1.a.rollback.sql` (yoyo). Both would run on the way up.
 */
export function undoneByName(name: string, names: readonly string[]): string | undefined {
  if (!name.endsWith('.sql') || name.endsWith('.down.sql')) return undefined;
  return [
    name.replace(/([._-])down(?=[._-])/i, '$1up'),
    name.replace(/([._-])undo(?=[._-])/i, '$1do'),
    name.replace(/[._-](down|undo|rollback|revert)(?=\.sql$)/i, ''),
  ].find((other) => other !== name && names.includes(other));
}

/** What Prisma, Diesel and Hasura call the files of a migration that has a folder of its own. */
export const nestedNames: readonly string[] = ['migration.sql', 'up.sql', 'down.sql'];

/**
 * The first statement that psql understands and no server does: a command of its own, or COPY with rows behind it. What
 * comes after that are rows, not statements.
 */
export function psqlOnly(sql: string): SqlStatement[] {
  return splitStatements(sql, 'postgres')
    .filter(({ text }) => text.startsWith('\\') || /^copy\b[^;]*\bfrom\s+stdin\b/i.test(text))
    .slice(0, 1);
}
