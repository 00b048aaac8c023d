const turns = new Map<string, Promise<unknown>>();

/** Runs a task when all earlier ones of the same name have ended, well or not. */
export function inTurn<T>(name: string, task: () => Promise<T>): Promise<T> {
  const before = turns.get(name) ?? Promise.resolve();
  const turn = before.then(task, task);
  turns.set(
    name,
    turn.catch(() => undefined),
  );
  return turn;
}
