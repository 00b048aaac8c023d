/** Asks one query of an SQLite file and prints what came of it; the check comes as JSON on standard input. */
import { text } from 'node:stream/consumers';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '@cutover/base/errors.ts';
import type { SqliteCheck } from '../plan/gate-check.ts';
import type { ProbeAnswer } from './context.ts';
import { judged } from './rows.ts';

function ask({ file, query = 'SELECT 1', expect }: SqliteCheck): ProbeAnswer {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 500 });
  const statement = database.prepare(query);
  statement.setReturnArrays(true);
  // A whole number of SQLite may be larger than those of JavaScript.
  statement.setReadBigInts(true);
  return judged(expect, statement.all() as unknown as unknown[][]);
}

const check = JSON.parse(await text(process.stdin)) as SqliteCheck;
try {
  console.log(JSON.stringify(ask(check)));
} catch (error) {
  console.log(JSON.stringify({ failed: messageOf(error) }));
}
