import { join } from 'node:path';
import { run } from './run.ts';
import type { Step } from './steps.ts';

/** How a download ended. Nothing that was cut short is ever taken. */
export type Download =
  { readonly outcome: 'done' } | { readonly outcome: 'unreachable' | 'broken'; readonly why: string };

/** Downloads a file. A server that does not answer within 3 s counts as unreachable. SIDE EFFECTS: writes the file. */
export async function download(url: string, file: string, step: Step): Promise<Download> {
  step.doing(`asking ${new URL(url).host}`);
  const fetched = await run(process.execPath, [join(import.meta.dirname, 'fetch-file.ts'), url, file], {
    env: { ...process.env, NODE_USE_ENV_PROXY: '1' },
    onLine: (line) => {
      const [received, total] = line.split(' ').map(Number);
      if (received !== undefined && total !== undefined && total > 0) {
        step.doing(`downloading, ${Math.floor((100 * received) / total)} % of ${Math.round(total / 1e6)} MB`);
      }
    },
  });
  if (fetched.status === 0) return { outcome: 'done' };
  const why = fetched.lastLine;
  return { outcome: fetched.status === 3 ? 'unreachable' : 'broken', why: `${new URL(url).host}: ${why}` };
}
