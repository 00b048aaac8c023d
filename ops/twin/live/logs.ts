import { open, readFile, stat } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from '../cloud.ts';
import { textOf } from '../services/values.ts';
import { liveFolder } from './bodies.ts';
import { refused, type Answer, type Asked, type Operations } from './operations.ts';

/** A stream of CloudWatch Logs. */
export interface LogStream {
  readonly region: string;
  readonly group: string;
  readonly stream: string;
}

/** Where a stream is kept: the process writes its lines there itself. SIDE EFFECTS: makes the folder. */
export function logFile(folder: string, { region, group, stream }: LogStream): string {
  const place = join(liveFolder(folder), 'logs', region, encodeURIComponent(group));
  mkdirSync(place, { recursive: true, mode: 0o700 });
  return join(place, `${encodeURIComponent(stream)}.log`);
}

/** The whole lines of a stream from a place in it, and the place behind them; undefined where there is no stream yet. */
export async function readLog(
  folder: string,
  of: LogStream,
  from: number,
): Promise<{ readonly lines: readonly string[]; readonly next: number } | undefined> {
  const file = logFile(folder, of);
  const size = await stat(file).then(
    (facts) => facts.size,
    () => 0,
  );
  // The stream is made with the first line.
  if (size === 0) return undefined;
  const most = 1 << 20;
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.max(0, Math.min(size - from, most)));
    await handle.read(buffer, 0, buffer.length, from);
    const end = buffer.lastIndexOf('\n') + 1;
    const lines = buffer.subarray(0, end).toString().split('\n').slice(0, -1);
    return { lines, next: from + end };
  } finally {
    await handle.close();
  }
}

/** The last lines of a stream, for people. */
export async function endOfStream(folder: string, of: LogStream, most = 8): Promise<readonly string[]> {
  const text = await readFile(logFile(folder, of), 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-most);
}

/** What CloudWatch Logs answers to those who read: GetLogEvents. */
export function logOperations(folder: string, cloud: Cloud): Operations {
  return { 'Logs_20140328.GetLogEvents': (asked) => logEvents(folder, cloud, asked) };
}

async function logEvents(folder: string, cloud: Cloud, { body, place }: Asked): Promise<Answer> {
  const { logGroupName: group, logStreamName: stream, nextToken } = body as Readonly<Record<string, string>>;
  const there = cloud
    .view()
    .all('aws:cloudwatch/logGroup:LogGroup', place)
    .some((each) => textOf(each, 'name') === group);
  if (!there) return refused('ResourceNotFoundException', 'The specified log group does not exist.');
  const from = Number(/^f\/(\d+)$/.exec(nextToken ?? '')?.[1] ?? 0);
  const found = await readLog(
    folder,
    { region: place.region, group: group ?? '', stream: stream ?? '' },
    from,
  );
  if (found === undefined)
    return refused('ResourceNotFoundException', 'The specified log stream does not exist.');
  const timestamp = Date.now();
  return [
    200,
    {
      events: found.lines.map((message) => ({ message, timestamp, ingestionTime: timestamp })),
      ...{ nextForwardToken: `f/${found.next}`, nextBackwardToken: `b/${from}` },
    },
  ];
}
