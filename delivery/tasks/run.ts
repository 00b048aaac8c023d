import { setTimeout as delay } from 'node:timers/promises';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { durationText } from '../plan/migration-text.ts';
import {
  endOf,
  idOf,
  isStopped,
  isWaiting,
  planTask,
  type SeenTask,
  type TaskOrder,
  type TaskRun,
} from '../plan/task-run.ts';
import { openTaskService, type TaskService } from './ecs.ts';
import { endOfLog, maskSecrets } from './log-text.ts';

/** How long is waited, in milliseconds. */
export interface TaskPatience {
  /** From one look to the next, at most; the first ones come sooner. @default 3 s */
  readonly pollMs: number;
  /** For its machine, image and secrets. @default 10 min */
  readonly startMs: number;
  /** For its end. @default 60 min */
  readonly endMs: number;
  /** For the rest of its log, once it has ended. @default 20 s */
  readonly logMs: number;
  /** With nothing new to tell, it is said that it still runs. @default 30 s */
  readonly tellMs: number;
}

const usual: TaskPatience = {
  pollMs: 3000,
  startMs: 600_000,
  endMs: 3_600_000,
  logMs: 20_000,
  tellMs: 30_000,
};

/** How a run is watched. */
export interface TaskControl {
  /** The folder of what runs, for messages. */
  readonly directory: string;
  /** Prints a line of progress. */
  readonly say: (line: string) => void;
  /** Takes a line of the log: what is said of it, if anything, and whether it is the last one. */
  readonly read: (line: string) => { readonly text?: string | undefined; readonly last?: boolean };
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Partial<TaskPatience>;
}

/**
 * Runs one order as a task and waits for its end. An earlier task of the same order, whose run was cut short, is
 * followed instead of starting another. Throws what went wrong, with the end of the log.
 * SIDE EFFECTS: starts a task; stops one that does not start.
 */
export async function runTask(run: TaskRun, order: TaskOrder, control: TaskControl): Promise<SeenTask> {
  const { directory, say } = control;
  const service = await openTaskService(run, directory);
  try {
    const step = planTask(order.mark, await service.find(order.mark));
    if (step.kind !== 'start') say(`found its earlier task ${idOf(step.task.arn)}: ${step.task.status}`);
    const begun = step.kind === 'start' ? await service.start(order, step.token) : step.task;
    if (step.kind === 'start') say(`started the task ${idOf(begun.arn)} in ${idOf(run.cluster)}`);
    const log = logReader(service, begun.arn, control);
    const ended = await follow(service, begun, log, control);
    if (ended.exitCode !== undefined) await log.rest();
    const end = endOf(ended);
    const details = { directory, task: idOf(ended.arn) };
    switch (end.kind) {
      case 'done':
        return ended;
      case 'not-run':
        throw new CutoverError('CUT-4151', { ...details, reason: end.reason, fix: end.fix });
      case 'failed':
        throw new CutoverError('CUT-4150', {
          ...details,
          exitCode: end.exitCode,
          log: endOfLog(log.said()),
          fix: end.fix === '' ? '' : `${end.fix} `,
        });
    }
  } finally {
    service.close();
  }
}

/** Waits for the end of a task, bounded; a task that does not start is stopped, so that it does not run unwatched later. */
async function follow(
  service: TaskService,
  begun: SeenTask,
  log: LogReader,
  { directory, say, signal, patience }: TaskControl,
): Promise<SeenTask> {
  const { pollMs, startMs, endMs, tellMs } = { ...usual, ...patience };
  const since = performance.now();
  let [task, told, toldAt] = [begun, begun.status, since];
  for (;;) {
    if (isStopped(task)) return task;
    const waited = performance.now() - since;
    const details = { directory, task: idOf(task.arn), status: task.status };
    if (isWaiting(task) && waited > startMs) {
      const stopped = await stopLate(service, task);
      throw new CutoverError('CUT-4152', { ...details, seconds: Math.round(startMs / 1000), stopped });
    }
    if (waited > endMs) {
      throw new CutoverError('CUT-4153', { ...details, minutes: Math.round(endMs / 60_000) });
    }
    const pause = Math.min(pollMs, 500 + waited / 10);
    await delay(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    if (signal?.aborted === true) throw new CutoverError('CUT-4155', details);
    // A task that was just started may be unknown for some seconds.
    task = (await service.look(task.arn)) ?? task;
    const news = await log.more();
    const now = performance.now();
    if (task.status !== told) say(`task ${task.status} (${durationText(now - since)})`);
    else if (!news && now - toldAt > tellMs) say(`still ${task.status} (${durationText(now - since)})`);
    else if (!news) continue;
    [told, toldAt] = [task.status, now];
  }
}

async function stopLate(service: TaskService, { arn }: SeenTask): Promise<string> {
  try {
    await service.stop(arn, 'did not start in time');
    return 'It was stopped.';
  } catch (error) {
    return `It could not be stopped and may start later: ${messageOf(error).split('\n')[0]}`;
  }
}

interface LogReader {
  /** Reads what is new; whether there was anything. */
  more(): Promise<boolean>;
  /** Reads on until the last line, or for as long as patience lasts: a log comes some seconds late. */
  rest(): Promise<void>;
  /** What was said so far. */
  said(): readonly string[];
}

function logReader(service: TaskService, arn: string, { say, read, patience }: TaskControl): LogReader {
  const { pollMs, logMs } = { ...usual, ...patience };
  const said: string[] = [];
  let next: string | undefined;
  let ended = false;
  const more = async (): Promise<boolean> => {
    if (ended) return false;
    try {
      const part = await service.log(arn, next);
      next = part.next;
      for (const line of part.lines) {
        const { text, last = false } = read(line);
        ended ||= last;
        if (text === undefined) continue;
        said.push(maskSecrets(text));
        say(maskSecrets(text));
      }
      return part.lines.length > 0;
    } catch (error) {
      // The task goes on without it.
      say(`its log cannot be read: ${messageOf(error).split('\n')[0]}`);
      ended = true;
      return false;
    }
  };
  return {
    more,
    rest: async () => {
      const until = performance.now() + logMs;
      while ((await more()) || (!ended && performance.now() < until)) {
        if (!ended) await delay(Math.min(pollMs, 1000));
      }
    },
    said: () => said,
  };
}
