import { processStartTime } from '@cutover/base/process-identity.ts';

let own: Promise<string> | undefined;

/** Names this process for good: pids are used again. */
export function ownMark(): Promise<string> {
  own ??= markOf(process.pid).then((mark) => mark ?? `${process.pid}/unknown`);
  return own;
}

/** Which of the processes of these marks still run. Those of other machines do not, as far as this one knows. */
export async function runningAmong(marks: readonly string[]): Promise<ReadonlySet<string>> {
  const checked = await Promise.all(
    [...new Set(marks)].map(async (mark) =>
      (await markOf(Number.parseInt(mark, 10))) === mark ? [mark] : [],
    ),
  );
  return new Set(checked.flat());
}

async function markOf(pid: number): Promise<string | undefined> {
  const started = await processStartTime(pid);
  return started === undefined ? undefined : `${pid}/${started}`;
}
