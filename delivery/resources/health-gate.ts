import * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { Check } from '../plan/gate-check.ts';
import { gateDefaults, gateProblems } from '../plan/gate-inputs.ts';

/** A value in which every part may be known only later. */
export type DeepInput<T> = T extends string | number | boolean | null | undefined
  ? pulumi.Input<T>
  : T extends readonly (infer Each)[]
    ? pulumi.Input<readonly DeepInput<Each>[]>
    : pulumi.Input<{ [Key in keyof T]: DeepInput<T[Key]> }>;

/** How long a gate waits and what it watches for. */
export interface GateOptions {
  /** What must be healthy. All checks are asked at the same time and all must be good. */
  readonly checks: readonly DeepInput<Check>[];
  /**
   * Values of what stands before the gate: a release, the start of a process. A change of any makes the gate wait
   * again; without one it only looks, once, on every update.
   * @default none
   */
  readonly triggers?: readonly pulumi.Input<unknown>[];
  /** How long to wait for good answers. @default 60 */
  readonly timeoutSeconds?: pulumi.Input<number>;
  /** For how long all checks must stay good without a miss. @default 0: once is enough */
  readonly holdSeconds?: pulumi.Input<number>;
  /** Time from one round of checks to the next. @default 1 */
  readonly intervalSeconds?: pulumi.Input<number>;
  /** How long one check may take to answer. @default 5 */
  readonly requestTimeoutSeconds?: pulumi.Input<number>;
  /** Log files that the message of a failed gate points to, relative to the project. @default none */
  readonly logs?: readonly pulumi.Input<string>[];
}

export interface HealthGateArgs extends GateOptions {
  /** The system whose tier is checked. */
  readonly system: string;
  /** The tier that must be healthy before what depends on the gate is touched. */
  readonly tier: string;
}

/**
 * A gate between two tiers. What must not be touched before it passes depends on it (`dependsOn`). When it does not
 * pass, the update stops with the check, the last answer and what to do, and what was live stays live.
 *
 * @example
 * new HealthGate('godark-backend-gate', {
 *   system: 'godark',
 *   tier: 'backend',
 *   checks: [{ kind: 'http', url: 'http://127.0.0.1:3200/health', expect: { json: { status: 'HEALTHY' } } }],
 *   holdSeconds: 3,
 *   triggers: [api.startedAt],
 *   logs: [api.log],
 * });
 */
export class HealthGate extends ThinResource {
  /** When the gate last passed, as an ISO date. */
  declare readonly passedAt: pulumi.Output<string>;
  /** How many rounds of checks it took. */
  declare readonly attempts: pulumi.Output<number>;

  constructor(name: string, args: HealthGateArgs, opts?: pulumi.CustomResourceOptions) {
    refuseWrongArgs(name, args);
    super(
      '@cutover/delivery/gates/handler.ts',
      name,
      {
        ...gateDefaults,
        triggers: [],
        logs: [],
        ...args,
        stack: pulumi.getStack(),
        passedAt: undefined,
        attempts: undefined,
      },
      opts,
      'HealthGate',
    );
  }
}

/** Refuses, before anything is registered, what can be seen to be wrong without the values of outputs. */
function refuseWrongArgs(name: string, args: HealthGateArgs): void {
  const known = Object.entries(args).filter(([, value]) => typeof value === 'number');
  const problems = gateProblems({
    ...Object.fromEntries(known),
    ...(args.checks.length === 0 ? { checks: [] } : {}),
  });
  if (problems.length === 0) return;
  const list = problems.map(({ property, reason }) => `  ${property}: ${reason}`).join('\n');
  throw new CutoverError('CUT-4201', { gate: name, list });
}
