import type { RowExpectation } from '../plan/gate-check.ts';
import { judgeRows } from '../plan/gate-expect.ts';
import type { ProbeAnswer } from './context.ts';

/** What a query answered, in words, and whether it is good. */
export function judged(expect: RowExpectation = {}, rows: unknown[][]): ProbeAnswer {
  const first = rows[0]?.map(String).join(' | ') ?? 'no row';
  return { answer: `${rows.length} row(s): ${first}`, miss: judgeRows(expect, rows) };
}
