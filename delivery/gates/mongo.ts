import type { MongoCheck } from '../plan/gate-check.ts';
import type { ProbeAnswer, ProbeContext } from './context.ts';

/** Sends the `ping` command. The client's own limits are short, so that an abandoned one does not linger. */
export async function pingMongo(check: MongoCheck, { secrets, signal }: ProbeContext): Promise<ProbeAnswer> {
  const { MongoClient } = await import('mongodb');
  const url = typeof check.url === 'string' ? check.url : secrets.read(check.url);
  const client = new MongoClient(url, {
    appName: 'cutover-gate',
    maxPoolSize: 1,
    connectTimeoutMS: 5000,
    serverSelectionTimeoutMS: 5000,
    socketTimeoutMS: 5000,
  });
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the time is up')), { once: true });
  });
  stopped.catch(() => undefined);
  try {
    const ping = client.db('admin').command({ ping: 1 });
    ping.catch(() => undefined);
    const { ok } = await Promise.race([ping, stopped]);
    return { answer: `ok: ${ok}`, miss: ok === 1 ? undefined : 'expected ok: 1' };
  } finally {
    await client.close(true);
  }
}
