import * as pulumi from '@pulumi/pulumi';
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

/** Where the handler of a resource is: the module exports `handler`. */
export type HandlerModule = `@cutover/${'chain' | 'delivery'}/${string}.ts`;

/**
 * A dynamic resource whose state carries the name of a module and no code. What Pulumi's own dynamic.Resource writes
 * there is the provider object, serialized by a walk through its closures: two kilobytes, changed by edits, some
 * milliseconds each. This is the same thing written by hand (cmd/dynamic-provider evaluates it and calls `handler()`):
 * each call of the engine loads the module's `handler` from the workspace on disk, so delete runs today's code, no edit
 * changes the state, and nothing can be captured.
 */
export abstract class ThinResource extends pulumi.CustomResource {
  constructor(
    handler: HandlerModule,
    name: string,
    props: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions | undefined,
    type: string,
  ) {
    const inputs = { ...props, __provider: providerText(handler) };
    super(`pulumi-nodejs:dynamic/cutover:${type}`, name, inputs, opts);
  }
}

/** The program that the provider process evaluates. All of it is repeated in the state of every resource. */
export function providerText(handler: HandlerModule): string {
  const methods = ['check', 'diff', 'create', 'read', 'update', 'delete'];
  return (
    `const run=async(...a)=>(await import("@cutover/base/dispatch.ts")).dispatch(${JSON.stringify(handler)},a);` +
    `exports.handler=()=>Object.fromEntries(${JSON.stringify(methods)}.map(m=>[m,(...a)=>run(m,...a)]))`
  );
}
