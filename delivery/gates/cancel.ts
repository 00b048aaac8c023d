import { subscribe } from 'node:diagnostics_channel';

/**
 * A signal that fires when the engine asks its providers to stop (Ctrl-C). The SDK's dynamic provider answers that
 * call and passes it to nobody (@pulumi/pulumi 3.250, cmd/dynamic-provider: `cancel`), so a wait would go on to its
 * end with the user watching. Node's own record of incoming HTTP/2 streams shows the call. Where it stays unseen, the
 * wait ends by its timeout as before.
 */
export const engineCancelled: AbortSignal = watch();

function watch(): AbortSignal {
  const controller = new AbortController();
  subscribe('http2.server.stream.start', (message) => {
    const { headers } = message as { headers?: Record<string, unknown> };
    if (headers?.[':path'] === '/pulumirpc.ResourceProvider/Cancel') controller.abort();
  });
  return controller.signal;
}
