// Downloads one file: node fetch-file.ts URL FILE. A process of its own, because Node reads the proxy of the machine
// only when it starts (NODE_USE_ENV_PROXY), and because a parent can end it.
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

// A server that has not answered by then is not waited for: there is another way to get the part.
const answerWithin = 3_000;
const stallAfter = 30_000;
const unreachable = 3;

const [url, file] = process.argv.slice(2);
if (url === undefined || file === undefined) throw new Error('usage: fetch-file.ts URL FILE');
process.exitCode = await fetchFile(url, file);

async function fetchFile(url: string, file: string): Promise<number> {
  const abort = new AbortController();
  let watchdog = setTimeout(() => abort.abort(), answerWithin);
  const still = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => abort.abort(), stallAfter);
  };
  let response: Response;
  try {
    response = await fetch(url, { signal: abort.signal });
  } catch (error) {
    clearTimeout(watchdog);
    return complain(error, unreachable);
  }
  if (!response.ok || response.body === null) {
    abort.abort();
    clearTimeout(watchdog);
    return complain(new Error(`answered ${response.status} ${response.statusText}`), unreachable);
  }
  still();
  const total = Number(response.headers.get('content-length') ?? 0);
  let received = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _, done) {
      still();
      received += chunk.length;
      process.stdout.write(`${received} ${total}\n`);
      done(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(response.body), counting, createWriteStream(file));
    if (total > 0 && received !== total) throw new Error(`ended after ${received} of ${total} bytes`);
    return 0;
  } catch (error) {
    return complain(error, 1);
  } finally {
    clearTimeout(watchdog);
  }
}

function complain(error: unknown, status: number): number {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const aborted = error instanceof Error && error.name === 'AbortError';
  process.stderr.write(`${aborted ? 'no answer in time' : String(cause)}\n`);
  return status;
}
