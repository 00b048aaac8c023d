import type { dynamic } from '@pulumi/pulumi';

/** What a handler of a dynamic resource may implement: the calls of pulumi.dynamic.ResourceProvider, typed. */
export interface Handler<Inputs extends object, State extends object = Inputs> {
  /** Validates inputs before anything is sent. */
  check?(olds: Partial<Inputs>, news: Inputs): Promise<{ inputs?: Inputs; failures?: CheckFailure[] }>;
  /** Compares what is with what should be. It may ask the world: it runs on every `up` and every preview. */
  diff?(id: string, olds: State, news: Inputs): Promise<dynamic.DiffResult>;
  /** Finds its own earlier work first: after a crash it is run again. */
  create(inputs: Inputs): Promise<{ id: string; outs: State }>;
  /** Asks the world, not the state. Leaving `id` undefined means gone. */
  read?(id: string, olds: State): Promise<{ id?: string; props?: State; inputs?: Inputs }>;
  update?(id: string, olds: State, news: Inputs): Promise<{ outs: State }>;
  delete?(id: string, olds: State): Promise<void>;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/**
 * A dynamic provider that carries the name of a module and no code. The engine serializes it into the state; each
 * call loads the module's `handler` from the workspace on disk, so that delete runs today's code and no edit of a
 * handler changes the state. Short on purpose: all of it is repeated in the state of every resource (test: < 2 kB).
 */
export function thinProvider(
  module: `@cutover/${'chain' | 'delivery'}/${string}.ts`,
): dynamic.ResourceProvider {
  // Pulumi serializes each provider object once, so one object for each module saves most of the work.
  const made = providers.get(module) ?? makeProvider(module);
  providers.set(module, made);
  return made;
}

const providers = new Map<string, dynamic.ResourceProvider>();

function makeProvider(module: string): dynamic.ResourceProvider {
  // One letter each: names are repeated in every resource's state.
  type A = unknown[];
  const p = {
    run: async (a: A) => (await import('@cutover/base/dispatch.ts')).dispatch(module, a),
    check: (...a: A) => p.run(['check', ...a]),
    diff: (...a: A) => p.run(['diff', ...a]),
    create: (...a: A) => p.run(['create', ...a]),
    read: (...a: A) => p.run(['read', ...a]),
    update: (...a: A) => p.run(['update', ...a]),
    delete: (...a: A) => p.run(['delete', ...a]),
  };
  return p as unknown as dynamic.ResourceProvider;
}
