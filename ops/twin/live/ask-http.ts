import { request } from 'node:http';

/** What something that was asked how it is has answered. */
export interface Heard {
  readonly good: boolean;
  /** For people: its status, or why there was none. */
  readonly answer: string;
}

/** Asks a port of this machine by GET once; its status says whether that is good. SIDE EFFECTS: asks it. */
export function askHttp(
  { port, path, timeoutMs }: { readonly port: number; readonly path: string; readonly timeoutMs: number },
  isGood: (status: number) => boolean,
  headers: Readonly<Record<string, string>> = {},
): Promise<Heard> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const asking = request({ host: '127.0.0.1', port, path, headers, agent: false, signal }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve({ good: isGood(status), answer: `status ${status}` });
    });
    asking.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ good: false, answer: error.code ?? error.name }),
    );
    asking.end();
  });
}
