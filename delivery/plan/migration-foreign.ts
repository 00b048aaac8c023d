import { splitStatements, sqlSection, type SqlStatement } from './migration-sql.ts';

/**
 * The mark by which goose, sql-migrate or dbmate begins the way back in a file; undefined where there is none. Left
 * unseen, the whole file would be taken for the way up: it would make its tables, drop them and count as run.
 */
export function foreignMark(content: string): string | undefined {
  if (sqlSection(content, 'down') !== undefined) return undefined;
  return /^[ \t]*--[ \t]*(\+goose|\+migrate|migrate:)[ \t]*down\b/im.exec(content)?.[0].trim();
}

/**
 * The first statement that psql understands and no server does: a command of its own, or COPY with rows behind it. What
 * comes after that are rows, not statements.
 */
export function psqlOnly(sql: string): SqlStatement[] {
  return splitStatements(sql, 'postgres')
    .filter(({ text }) => text.startsWith('\\') || /^copy\b[^;]*\bfrom\s+stdin\b/i.test(text))
    .slice(0, 1);
}
