import { execFile } from 'node:child_process';
import type { Cloud } from '../../cloud.ts';
import type { Container } from '../../services/aws/ecs-containers.ts';
import { askHttp, type Heard } from '../ask-http.ts';
import { floored } from '../pace.ts';
import type { HealthCheck, Program } from './program.ts';

/** As ECS calls it. */
export type Health = 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';

/** A container that is asked how it is. */
export interface HealthWatch {
  state(): Health;
  /** What its last answer was, for people. */
  lastAnswer(): string;
  end(): void;
}

/** How long a process of this machine is given to come up, at least: its machine is not a cloud's. */
const leastStartMs = 10_000;

/**
 * Asks a container how it is, as often as its definition says in the time of the twin.
 * SIDE EFFECTS: asks it over HTTP, or runs the command beside it.
 */
export function watchHealth(
  cloud: Cloud,
  { healthCheck }: Container,
  check: HealthCheck,
  { program, localPort }: { readonly program: Program; readonly localPort: number | undefined },
): HealthWatch {
  const intervalMs = floored(cloud, healthCheck?.interval ?? 30, 300);
  const timeoutMs = (healthCheck?.timeout ?? 5) * 1000;
  const retries = healthCheck?.retries ?? 3;
  const mayFailUntil = performance.now() + floored(cloud, healthCheck?.startPeriod ?? 0, leastStartMs);
  let [state, answer, failures, ended] = ['UNKNOWN' as Health, 'not asked yet', 0, false];
  let timer: NodeJS.Timeout | undefined;
  const ask = async (): Promise<void> => {
    const heard =
      check.kind === 'run'
        ? await run(check.file, check.args, program, timeoutMs)
        : await askHttp({ port: localPort ?? 0, path: check.path, timeoutMs }, isWell);
    if (ended) return;
    answer = heard.answer;
    failures = heard.good ? 0 : failures + 1;
    const counts = state === 'HEALTHY' || performance.now() > mayFailUntil;
    if (heard.good) state = 'HEALTHY';
    else if (failures >= retries && counts) state = 'UNHEALTHY';
    timer = setTimeout(() => void ask(), state === 'UNKNOWN' ? Math.min(intervalMs, 300) : intervalMs);
  };
  void ask();
  return {
    state: () => state,
    lastAnswer: () => answer,
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}

function isWell(status: number): boolean {
  return status >= 200 && status < 400;
}

function run(
  file: string,
  args: readonly string[],
  { environment, workingFolder }: Program,
  timeoutMs: number,
): Promise<Heard> {
  return new Promise((resolve) => {
    const options = {
      cwd: workingFolder,
      env: { PATH: process.env['PATH'], ...environment },
      timeout: timeoutMs,
    };
    execFile(file, args, options, (error) =>
      resolve({ good: error === null, answer: error === null ? 'exit code 0' : `exit code ${error.code}` }),
    );
  });
}
