import type { CheckFailure } from '@cutover/base/dynamic.ts';
import { checkName, type Check } from './gate-check.ts';
import type { Expected } from './gate-expect.ts';
import { parsePath } from './gate-expect.ts';
import type { GateTiming } from './gate.ts';

/** Inputs of a health gate as the engine hands them over. */
export interface GateInputs {
  readonly system: string;
  readonly tier: string;
  /** The stack, for the command that a failed gate names. */
  readonly stack: string;
  readonly checks: readonly Check[];
  readonly timeoutSeconds: number;
  readonly holdSeconds: number;
  readonly intervalSeconds: number;
  readonly requestTimeoutSeconds: number;
  /** Values of what stands before the gate; a change of any makes the gate run again. */
  readonly triggers: readonly unknown[];
  /** Log files that help when the gate fails, relative to the project. */
  readonly logs: readonly string[];
}

/** What a gate that is not told otherwise does: waits a minute for one good answer of each check. */
export const gateDefaults = {
  timeoutSeconds: 60,
  holdSeconds: 0,
  intervalSeconds: 1,
  requestTimeoutSeconds: 5,
} as const;

/** The timing of a gate in milliseconds. */
export function timingOf(inputs: GateInputs): GateTiming {
  return {
    timeoutMs: inputs.timeoutSeconds * 1000,
    holdMs: inputs.holdSeconds * 1000,
    intervalMs: inputs.intervalSeconds * 1000,
  };
}

/** Everything that is wrong with a gate's inputs, by property path. Values that are not known yet pass. */
export function gateProblems(inputs: Partial<GateInputs>): CheckFailure[] {
  return [...timingProblems(inputs), ...(Array.isArray(inputs.checks) ? checksProblems(inputs.checks) : [])];
}

function timingProblems(inputs: Partial<GateInputs>): CheckFailure[] {
  const problems: CheckFailure[] = [];
  const bound = (property: keyof typeof gateDefaults, least: number, most: number) => {
    const value: unknown = inputs[property];
    if (typeof value !== 'number') return;
    if (!(value >= least && value <= most)) {
      problems.push({ property, reason: `${value} is not between ${least} and ${most} seconds` });
    }
  };
  bound('timeoutSeconds', 0, 24 * 3600);
  bound('holdSeconds', 0, 24 * 3600);
  bound('intervalSeconds', 0.05, 3600);
  bound('requestTimeoutSeconds', 0.05, 600);
  return problems;
}

function checksProblems(checks: readonly unknown[]): CheckFailure[] {
  if (checks.length === 0)
    return [{ property: 'checks', reason: 'a gate without a check would always pass' }];
  const seen = new Set<string>();
  return checks.flatMap((given, index) => {
    const at = `checks[${index}]`;
    // What is known only after the update is a string here.
    if (typeof given !== 'object' || given === null) return [];
    const check = given as Check;
    const problems = checkProblems(check).map((problem): CheckFailure => ({
      property: `${at}.${problem.property}`,
      reason: problem.reason,
    }));
    const name = problems.length === 0 ? checkName(check) : '';
    if (name !== '' && seen.has(name)) {
      problems.push({ property: `${at}.name`, reason: `two checks are called "${name}"; give one a name` });
    }
    seen.add(name);
    return problems;
  });
}

function checkProblems(check: Check): CheckFailure[] {
  switch (check.kind) {
    case 'http':
      return [
        ...urlProblems(check.url),
        ...Object.entries(check.expect?.json ?? {}).flatMap(([path, expected]) =>
          expectationProblems(`expect.json.${path}`, expected, path),
        ),
      ];
    case 'jsonRpc':
      return [
        ...urlProblems(check.url),
        ...(check.method === undefined && (check.expect?.result ?? check.expect?.json) !== undefined
          ? [{ property: 'method', reason: 'a result is expected, but no method is named' }]
          : []),
        ...expectationProblems('expect.result', check.expect?.result),
      ];
    case 'tcp':
    case 'redis':
      return portProblems('port', check.port);
    case 'sql':
      return [
        ...('port' in check.database ? portProblems('database.port', check.database.port) : []),
        ...expectationProblems('expect.value', check.expect?.value),
      ];
    case 'sqlite':
      return expectationProblems('expect.value', check.expect?.value);
    case 'mongo':
      return [];
    default: {
      const { kind } = check as { kind?: unknown };
      return [{ property: 'kind', reason: `${JSON.stringify(kind)} is not a kind of check` }];
    }
  }
}

function urlProblems(url: string): CheckFailure[] {
  if (!(/^https?:\/\//.test(url) && URL.canParse(url)) && !looksUnknown(url)) {
    return [{ property: 'url', reason: `"${url}" is not an http:// or https:// URL` }];
  }
  if (URL.canParse(url) && (new URL(url).username !== '' || new URL(url).password !== '')) {
    return [
      { property: 'url', reason: 'a URL must not carry credentials; give a header with a secret reference' },
    ];
  }
  return [];
}

function portProblems(property: string, port: unknown): CheckFailure[] {
  if (typeof port !== 'number' || (Number.isInteger(port) && port > 0 && port < 65_536)) return [];
  return [{ property, reason: `${port} is not a port` }];
}

function expectationProblems(
  property: string,
  expected: Expected | undefined,
  path?: string,
): CheckFailure[] {
  if (path !== undefined && parsePath(path).length === 0) return [{ property, reason: 'the path is empty' }];
  if (typeof expected !== 'object' || expected === null || !('matches' in expected)) return [];
  try {
    new RegExp(expected.matches);
    return [];
  } catch (error) {
    return [{ property, reason: error instanceof Error ? error.message : 'not a regular expression' }];
  }
}

/** A value the engine fills in later has no scheme and no slash; it is a lone identifier. */
function looksUnknown(value: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
