import { pricesOf } from '../prices/list.ts';
import { costText, sumOf } from '../prices/monthly.ts';
import { duration, table } from '../terminal.ts';
import { deletionLines, inDeletionOrder } from './aws-lines.ts';
import type { Told } from './cost.ts';
import type { Imported, ImportPlan } from './import.ts';
import type { Found } from './plan.ts';
import { nameIn } from './steps.ts';

/** Orphans as they are read: one line each, the heading first, what they cost together last. */
export function orphanLines(told: readonly Told[], now: number): readonly string[] {
  const rows = told.map(({ orphan: { type, id, arn, region, createdMs }, cost, resource = '' }) => [
    ...[type, arn ?? id, region],
    ...[createdMs === undefined ? '' : duration(Math.max(0, now - createdMs)), costText(cost), resource],
  ]);
  const named = told.some(({ resource }) => resource !== undefined) ? ['RESOURCE'] : [];
  const { usd, unknown } = sumOf(told.map(({ cost }) => cost));
  const without = unknown === 0 ? '' : `, without ${unknown} of unknown cost`;
  return [
    ...table([['TYPE', 'ARN OR ID', 'REGION', 'AGE', 'A MONTH', ...named], ...rows]),
    `${usd.toFixed(2)} USD a month${without}: list prices of us-east-1, ${pricesOf}, no taxes, discounts or traffic.`,
  ];
}

/** What to run to delete orphans in AWS, what others name last. */
export function commandLines(orphans: readonly Found[]): readonly string[] {
  return inDeletionOrder(orphans).flatMap((orphan) => {
    const lines = deletionLines(orphan);
    return lines.length > 0
      ? lines
      : [`# ${orphan.type} ${orphan.arn ?? orphan.id}: no line is known for it`];
  });
}

/** What an import would do, line by line. */
export function importPlanLines({ importables, stays }: ImportPlan): readonly string[] {
  return [
    '',
    'What the program makes of it, and would be imported:',
    ...importables.map(({ orphan, step }) => `  ${orphan.type} ${orphan.id} as ${nameIn(step.urn)}`),
    ...stays.map(({ orphan, why }) => `  ${orphan.type} ${orphan.id} would stay: ${why}`),
  ];
}

/** What came of an import, for programs. */
export function importReport({ into, stays, replaced }: Imported): object {
  return {
    imported: into.map(({ orphan, step, id }) => ({
      ...orphanReport(orphan),
      urn: step.urn,
      importedBy: id,
    })),
    stays: stays.map(({ orphan, why }) => ({ ...orphanReport(orphan), why })),
    replaced,
  };
}

/** What came of an import, line by line. */
export function importLines({ into, stays, replaced }: Imported): readonly string[] {
  return [
    `Imported ${into.length} of ${into.length + stays.length}.`,
    ...into.map(({ orphan, step }) => `  ${orphan.type} ${orphan.id} is ${nameIn(step.urn)}`),
    ...stays.map(({ orphan, why }) => `  ${orphan.type} ${orphan.id} stays: ${why}`),
    ...replaced.map((name) => `  The next update would replace ${name}: look at it with a preview first.`),
  ];
}

/** An orphan for programs. */
export function orphanReport({ type, id, arn, region, name, createdMs }: Found): object {
  return {
    ...{ type, id, arn, region, name },
    ...(createdMs !== undefined && { created: new Date(createdMs).toISOString() }),
  };
}

/** An orphan for programs, with what it costs and which resource of the program it is. */
export function toldReport({ orphan, cost, resource }: Told): object {
  const usd = cost.kind === 'fixed' ? Math.round(cost.usd * 100) / 100 : undefined;
  return { ...orphanReport(orphan), resource, cost: cost.kind, monthlyUsd: usd };
}
