import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Dependency } from '../../services/beacon/dependencies/dependency.ts';
import { watch } from '../../services/beacon/monitor.ts';

it('a look that throws at once, as one at a missing file does, has nothing left to throw when its time is up', async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => unheard.push(reason);
  process.on('unhandledRejection', hear);
  try {
    const dependency: Dependency = {
      service: 'Database',
      cacheMs: 0,
      look: (signal) => {
        kept = signal;
        throw new Error('unable to open database file');
      },
    };
    // What is still referred to is not collected before its time is up.
    let kept: AbortSignal | undefined;
    const reading = await watch(dependency, 20, pino({ level: 'silent' })).read();
    expect(reading.healthy).toBe(false);
    await delay(100);
    expect(kept?.aborted).toBe(true);
    expect(unheard).toEqual([]);
  } finally {
    process.off('unhandledRejection', hear);
  }
});
