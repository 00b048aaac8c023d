import type { Thing } from '../../kind.ts';
import { containersOf } from '../../services/aws/ecs-task-definition.ts';
import type { Ground } from '../body.ts';
import { barredFrom } from '../network/barred.ts';
import { placeOfTask } from '../network/places.ts';
import { startObstacle } from '../network/task-start.ts';
import { StartError } from './secrets.ts';
import type { Task, TaskFiles } from './task.ts';

/** What the network of the cloud keeps tasks from. */
export interface TaskNetworks {
  /** Refuses, in Fargate's words, what it could not start where the task is put. */
  mustStart(task: Task, definition: Thing): void;
  /** Tells the processes of a task what they cannot connect to; they look there before they do. SIDE EFFECTS: writes a file. */
  tell(task: Task): void;
  /** Tells all of these anew where something has changed since. SIDE EFFECTS: writes files. */
  tellChanges(tasks: readonly Task[]): void;
}

/** Judges the ways of tasks by the cloud as it is at each moment. */
export function taskNetworks(ground: Ground, files: Pick<TaskFiles, 'writeBarred'>): TaskNetworks {
  const told = new Map<string, string>();
  let toldAs = '';
  const tell = (task: Task): void => {
    const view = ground.cloud.view();
    const place = placeOfTask(view, task);
    const barred = place === undefined ? [] : barredFrom(view, place, ground.bodies());
    const text = JSON.stringify(barred);
    if (told.get(task.id) !== text) files.writeBarred(task.id, barred);
    told.set(task.id, text);
  };
  return {
    mustStart: (task, definition) => {
      const view = ground.cloud.view();
      const place = placeOfTask(view, task);
      if (place === undefined) return;
      for (const container of containersOf(definition)) {
        const why = startObstacle(view, place, container);
        if (why !== undefined) throw new StartError(why);
      }
    },
    tell,
    tellChanges: (tasks) => {
      const now = `${ground.cloud.lastCall()} ${JSON.stringify(ground.addresses())}`;
      if (now !== toldAs) tasks.forEach(tell);
      toldAs = now;
    },
  };
}
