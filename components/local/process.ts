import * as pulumi from '@pulumi/pulumi';
import { LocalProcess, type LocalProcessArgs } from '@cutover/delivery/resources/local-process.ts';

/** What every local component takes beside its own arguments. */
export interface LocalArgs {
  /** The key of the stack file that sets its port; named when the port is taken. @default none */
  readonly portKey?: string;
  /** Changes the arguments or options of the process below: the way out when an argument is missing here. */
  readonly transform?: {
    readonly process?: (
      args: LocalProcessArgs,
      opts: pulumi.CustomResourceOptions,
    ) => readonly [LocalProcessArgs, pulumi.CustomResourceOptions];
  };
}

/**
 * Describes the process of a local component, as its child. What the component waits for (`dependsOn`), the process
 * waits for too: the engine does not hand that down.
 */
export function describeProcess(
  parent: pulumi.ComponentResource,
  name: string,
  process: Omit<LocalProcessArgs, 'name'>,
  { transform }: LocalArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
): LocalProcess {
  const args: LocalProcessArgs = { name, ...process };
  const childOpts: pulumi.CustomResourceOptions = {
    parent,
    ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
  };
  const [finalArgs, finalOpts] = transform?.process?.(args, childOpts) ?? [args, childOpts];
  return new LocalProcess(`${name}-process`, finalArgs, { ...finalOpts, parent });
}

/** A value that is known at preview already, and that makes whatever uses it wait until the process runs. */
export function onceRunning<T>(process: LocalProcess, value: T): pulumi.Output<T> {
  // The urn is known before the process is; it carries the dependency.
  return process.urn.apply<T>(() => value);
}

/** A port with the key that sets it. */
export function portUse(
  use: string,
  port: number,
  key: string | undefined,
): LocalProcessArgs['ports'][number] {
  return { use, port, ...(key === undefined ? {} : { key }) };
}

/** The file in which a local secret is kept; made when it is missing, readable by its user only. */
export function localSecret(name: string): { readonly kind: 'file'; readonly name: string } {
  return { kind: 'file', name: `.cutover/${pulumi.getStack()}/secrets/${name}` };
}
