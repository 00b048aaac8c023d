import { duration, table } from '../terminal.ts';
import { deletionLines, inDeletionOrder } from './aws-lines.ts';
import type { Found } from './plan.ts';

/** Orphans as they are read: one line each, the heading first. */
export function orphanLines(orphans: readonly Found[], now: number): readonly string[] {
  const rows = orphans.map(({ type, id, arn, region, createdMs }) => [
    type,
    arn ?? id,
    region,
    createdMs === undefined ? '' : duration(Math.max(0, now - createdMs)),
  ]);
  return table([['TYPE', 'ARN OR ID', 'REGION', 'AGE'], ...rows]);
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

/** An orphan for programs. */
export function orphanReport({ createdMs, ...orphan }: Found): object {
  return {
    ...orphan,
    ...(createdMs !== undefined && { created: new Date(createdMs).toISOString() }),
  };
}
