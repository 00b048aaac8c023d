import { entries, problem, repeated, type Check } from './check.ts';
import { showPath } from './show.ts';

/** The blocks that only some environments have, and ports that would be in each other's way. */
export const checkLocal: Check = ({ environment, local }) => {
  if (environment === undefined) return [];
  if (environment !== 'dev') {
    return local === undefined
      ? []
      : [problem(['local'], `is for dev only; ${environment} runs nothing on this machine`)];
  }
  const offset = local?.portOffset ?? 0;
  const ports = entries<number>(local?.ports);
  const tooHigh = ports.filter(([, port]) => port + offset > 65_535);
  const equal = repeated(ports.map(([name, port]) => [['local', 'ports', name], port] as const));
  return [
    ...tooHigh.map(([name, port]) =>
      problem(
        ['local', 'ports', name],
        `is ${port}, with portOffset ${port + offset}; the highest port is 65535`,
        `portOffset: ${Math.max(0, 65_535 - Math.max(...ports.map(([, each]) => each)))} or less`,
      ),
    ),
    ...equal.map(({ path, value, first }) =>
      problem(
        path,
        `is ${value}, which ${showPath(first)} has already`,
        `${path.at(-1)}: ${freePort(
          value,
          ports.map(([, port]) => port),
        )}`,
      ),
    ),
  ];
};

function freePort(from: number, taken: readonly number[]): number {
  const step = from < 65_535 ? 1 : -1;
  let port = from;
  while (taken.includes(port)) port += step;
  return port;
}
