import type { Direction } from './migration.ts';

/** How statements are told apart: the two servers agree on most of SQL's shape, not on all. */
export type SqlDialect = 'postgres' | 'sqlite';

/** One statement of a text. */
export interface SqlStatement {
  /** Without the semicolon, and without comments and blanks in front of it. */
  readonly text: string;
  /** Where it starts in the whole text. */
  readonly offset: number;
}

/** A place in a file, counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** The part of an SQL file for one direction, as node-pg-migrate reads it: `-- Up Migration`, `-- Down Migration`. */
export function sqlSection(
  content: string,
  direction: Direction,
): { readonly text: string; readonly offset: number } | undefined {
  const up = content.search(marker('up'));
  const down = content.search(marker('down'));
  const [from, other] = direction === 'up' ? [up, down] : [down, up];
  if (from < 0) return direction === 'up' ? { text: content, offset: 0 } : undefined;
  return { text: content.slice(from, other < from ? undefined : other), offset: from };
}

function marker(direction: Direction): RegExp {
  return new RegExp(`^\\s*--[\\s-]*${direction}\\s+migration`, 'im');
}

/** The statements of a text. Quotes, comments, dollar quotes, SQL bodies of functions and triggers are kept whole. */
export function splitStatements(sql: string, dialect: SqlDialect): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let start: number | undefined;
  let block = noBlock;
  for (const token of tokens(sql, dialect)) {
    if (token.kind === 'blank') continue;
    if (token.kind === 'end' && block.depth === 0) {
      if (start !== undefined)
        statements.push({ text: sql.slice(start, token.offset).trim(), offset: start });
      start = undefined;
      block = noBlock;
      continue;
    }
    start ??= token.offset;
    block = enter(block, token.kind === 'word' ? token.text.toLowerCase() : token.text, dialect);
  }
  if (start !== undefined) statements.push({ text: sql.slice(start).trim(), offset: start });
  return statements;
}

/**
 * Where a statement stands that has semicolons of its own: CREATE FUNCTION … BEGIN ATOMIC … END (PostgreSQL), whose CASE
 * has an END too, and CREATE TRIGGER … ; END; (SQLite). Both take `begin` and `end` as names of columns as well.
 */
interface Block {
  /** The first words of the statement. */
  readonly words: readonly string[];
  readonly last: string;
  readonly depth: number;
}

const noBlock: Block = { words: [], last: '', depth: 0 };

function enter({ words: before, last, depth }: Block, word: string, dialect: SqlDialect): Block {
  const words = before.length < 5 ? [...before, word] : before;
  return { words, last: word, depth: depthAt(words, last, word, depth, dialect) };
}

function depthAt(
  words: readonly string[],
  last: string,
  word: string,
  depth: number,
  dialect: SqlDialect,
): number {
  if (dialect === 'sqlite') {
    // SQLite's own rule (sqlite3_complete): a trigger ends at the END that stands behind a semicolon.
    const trigger = /^(explain )?create (temp |temporary )?trigger\b/.test(words.join(' '));
    return !trigger || (word === 'end' && last === ';') ? 0 : 1;
  }
  if (!/^create (or replace )?(function|procedure)\b/.test(words.join(' '))) return 0;
  if (word === 'atomic' && last === 'begin') return depth + 1;
  if (depth > 0 && word === 'case') return depth + 1;
  return depth > 0 && word === 'end' ? depth - 1 : depth;
}

interface Token {
  readonly kind: 'word' | 'end' | 'blank' | 'other';
  readonly text: string;
  readonly offset: number;
}

function* tokens(sql: string, dialect: SqlDialect): Generator<Token> {
  for (let offset = 0; offset < sql.length;) {
    const token = tokenAt(sql, offset, dialect);
    yield { ...token, offset };
    offset += token.text.length;
  }
}

function tokenAt(sql: string, offset: number, dialect: SqlDialect): Omit<Token, 'offset'> {
  const blank = matchAt(blanks[dialect], sql, offset);
  if (blank !== undefined) return { kind: 'blank', text: blank };
  if (sql.startsWith('/*', offset)) {
    return { kind: 'blank', text: sql.slice(offset, commentEnd(sql, offset, dialect === 'postgres')) };
  }
  if (sql[offset] === ';') return { kind: 'end', text: ';' };
  const quoted = quotedAt(sql, offset, dialect);
  if (quoted !== undefined) return { kind: 'other', text: quoted };
  if (dialect === 'postgres') {
    const tag = matchAt(/\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y, sql, offset);
    if (tag !== undefined) {
      const close = sql.indexOf(tag, offset + tag.length);
      return { kind: 'other', text: sql.slice(offset, close < 0 ? undefined : close + tag.length) };
    }
  }
  const word = matchAt(/[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y, sql, offset);
  if (word !== undefined) return { kind: 'word', text: word };
  return { kind: 'other', text: matchAt(/[\d.][\w.]*/y, sql, offset) ?? sql.charAt(offset) };
}

// A lone carriage return ends a comment for PostgreSQL, and does not for SQLite.
const blanks: Record<SqlDialect, RegExp> = { postgres: /\s+|--[^\n\r]*/y, sqlite: /\s+|--[^\n]*/y };
const quotes: Record<SqlDialect, RegExp> = { postgres: /[eE]?'|"/y, sqlite: /['"`[]/y };

/**
 * Text in quotes. An unfinished one reaches to the end: the server then says what is wrong with it. Walked through,
 * since a pattern for the whole runs out of stack in a value of some megabytes.
 */
function quotedAt(sql: string, offset: number, dialect: SqlDialect): string | undefined {
  const opening = matchAt(quotes[dialect], sql, offset);
  if (opening === undefined) return undefined;
  const quote = opening === '[' ? ']' : opening.slice(-1);
  const inside = opening.length > 1 ? /[\\']/g : undefined;
  let at = offset + opening.length;
  for (;;) {
    at = inside === undefined ? sql.indexOf(quote, at) : nextMatch(inside, sql, at);
    if (at < 0) return sql.slice(offset);
    const paired = sql[at] === '\\' || (quote !== ']' && sql[at + 1] === quote);
    if (!paired) return sql.slice(offset, at + 1);
    at += 2;
  }
}

function nextMatch(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}

function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}

function commentEnd(sql: string, offset: number, nested: boolean): number {
  let depth = 0;
  for (const { 0: mark, index } of sql.slice(offset).matchAll(/\/\*|\*\//g)) {
    if (mark === '*/') depth -= 1;
    else if (depth === 0 || nested) depth += 1;
    if (depth === 0) return offset + index + 2;
  }
  return sql.length;
}

/** Line and column of an offset. */
export function placeOf(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** PostgreSQL counts characters, a string of JavaScript counts UTF-16 units. */
export function offsetOfPosition(text: string, position: number): number {
  return Array.from(text)
    .slice(0, position - 1)
    .join('').length;
}

/** Statements that begin or end a transaction: inside a migration they would take its protection away. */
export function transactionControl(sql: string, dialect: SqlDialect): SqlStatement[] {
  const control =
    dialect === 'postgres'
      ? /^(begin|start\s+transaction|commit|end|rollback(?!\s+(work\s+|transaction\s+)?to\b)|abort|prepare\s+transaction)\b/i
      : /^(begin|commit|end|rollback(?!\s+(transaction\s+)?to\b)|vacuum|attach|detach)\b/i;
  return splitStatements(sql, dialect).filter(({ text }) => control.test(text));
}

/**
 * Whether a text reaches beyond its database: roles, tablespaces and settings belong to the whole PostgreSQL server, so
 * that trying them on a copy would do them for real. Words in comments never count, words in values only where the
 * statement may run them: a permission that is called 'Create user' is no role.
 */
export function reachesWholeServer(sql: string): boolean {
  return reaching.test(sql) && splitStatements(sql, 'postgres').some(({ text }) => reaching.test(bare(text)));
}

const reaching =
  /\b(create|alter|drop)\s+(role|user|group|tablespace|database|subscription)\b|\balter\s+system\b|\b(reassign|drop)\s+owned\b/i;

/** A statement without its comments, and without its values where they are no more than data. */
function bare(statement: string): string {
  const data = /^(insert|update|delete|comment|create\s+table|alter\s+table)\b/i.test(statement);
  return [...tokens(statement, 'postgres')]
    .map(({ kind, text }) => (kind === 'blank' ? ' ' : data && /^([eE]?'|\$.*\$)/s.test(text) ? "''" : text))
    .join('');
}

/** Whether a statement makes a function: what its body says is not done by that. */
export function makesFunction(statement: string): boolean {
  return /^create\s+(or\s+replace\s+)?(function|procedure)\b/i.test(statement);
}

/** A statement as it may be printed: shortened, and without literals that are passwords. */
export function printableStatement(sql: string, limit = 400): string {
  const masked = sql
    .replaceAll(/\b(password|identified\s+by)\s+(?:[eE]?'[^']*(?:''[^']*)*'?|\S+)/gi, "$1 '***'")
    .replaceAll(/\b(password\s*=\s*)[^\s']+/gi, '$1***')
    .replaceAll(/\b(\w+:\/\/[^\s:/@']*:)[^\s/@']+@/g, '$1***@');
  const text = masked.trim();
  return text.length <= limit ? text : `${text.slice(0, limit)} … (${text.length} characters)`;
}
