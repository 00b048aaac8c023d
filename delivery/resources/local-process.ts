import * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { nameProblems, type PortUse, type ProcessDefinition } from '../plan/process-definition.ts';

/** A definition in which every part may be known only later. */
export type DefinitionInput<D> = {
  [Key in keyof D]: D[Key] extends Readonly<Record<string, string>>
    ? { readonly [Name: string]: pulumi.Input<string> }
    : D[Key];
};

export interface LocalProcessArgs {
  /** Names its folder, `.cutover/<stack>/processes/<name>`, and itself in every message. */
  readonly name: string;
  /** What it listens on, on 127.0.0.1 only. */
  readonly ports: readonly PortUse[];
  /** What it is. Nothing secret. */
  readonly definition: ProcessDefinition | DefinitionInput<ProcessDefinition>;
}

/**
 * A child process that outlives `up`. It is known by its pid and when that started; every update and preview looks
 * whether it still runs, answers, and has its data, and brings it back if not. Destroying it stops the process; its
 * data and log stay in its folder.
 *
 * Use it through the components of components/local.
 */
export class LocalProcess extends ThinResource {
  declare readonly pid: pulumi.Output<number>;
  /** When it was started; another value means that it was restarted. */
  declare readonly startedAt: pulumi.Output<string>;
  /** What runs: `anvil`, `mongod`, `ferretdb`. */
  declare readonly engine: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  /** Changes when its data began again from nothing. */
  declare readonly generation: pulumi.Output<string>;

  constructor(name: string, args: LocalProcessArgs, opts?: pulumi.CustomResourceOptions) {
    const problems = nameProblems(args);
    if (problems.length > 0) {
      const list = problems.map(({ property, problem }) => `  ${property}: ${problem}`).join('\n');
      throw new CutoverError('CUT-4310', { name: args.name, list });
    }
    super(
      '@cutover/delivery/processes/handler.ts',
      name,
      {
        stack: pulumi.getStack(),
        ...args,
        pid: undefined,
        startedAt: undefined,
        engine: undefined,
        version: undefined,
        generation: undefined,
      },
      opts,
      'LocalProcess',
    );
  }
}
