import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import type { Handler } from './dynamic.ts';
import { endWithParent } from './end-with-parent.ts';
import { runtimeFolder } from './project.ts';

// Handlers load ethers, pg and more: compiled once, they load in half the time ever after.
enableCompileCache(join(runtimeFolder, 'cache', 'node'));

/** What the engine passes where a value is not known before the update. */
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

type Values = Record<string, unknown>;
type Call =
  | [method: 'check', olds: Values | undefined, news: Values]
  | [method: 'diff', id: string, olds: Values, news: Values]
  | [method: 'create', inputs: Values]
  | [method: 'read', id: string, olds: Values]
  | [method: 'update', id: string, olds: Values, news: Values]
  | [method: 'delete', id: string, olds: Values];

/** Loads the handler that a thin provider names and runs one call of the engine on it. */
export async function dispatch(module: string, args: unknown[]): Promise<unknown> {
  const { handler } = (await import(module)) as { handler: Handler<Values> };
  keepCompiled(module);
  // Else it stays for good beside the next update, and may still be sending.
  endWithParent();
  const call = args as Call;
  switch (call[0]) {
    case 'check': {
      const result = await handler.check?.(call[1] ?? {}, call[2]);
      return { inputs: result?.inputs ?? call[2], failures: result?.failures ?? [] };
    }
    case 'diff':
      return (await handler.diff?.(call[1], call[2], call[3])) ?? {};
    case 'create':
      return plain(await handler.create(call[1]));
    case 'read':
      return handler.read === undefined
        ? { id: call[1], props: call[2] }
        : plain(await handler.read(call[1], call[2]));
    case 'update':
      return handler.update === undefined
        ? { outs: call[3] }
        : plain(await handler.update(call[1], call[2], call[3]));
    case 'delete':
      return handler.delete?.(call[1], call[2]);
  }
}

/** Without what is undefined: the engine takes it for an error (`Unexpected struct type`). */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Whether a value, or anything inside it, is known only after the update. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasUnknown);
}

const kept = new Set<string>();
let flush: NodeJS.Timeout | undefined;

/**
 * The engine ends this process with a signal, and Node writes what it compiled only when it ends by itself. Once for
 * the handlers that are loaded one behind the other: it looks through all that was compiled each time.
 */
function keepCompiled(module: string): void {
  if (kept.has(module)) return;
  kept.add(module);
  clearTimeout(flush);
  flush = setTimeout(flushCompileCache, 50).unref();
}
