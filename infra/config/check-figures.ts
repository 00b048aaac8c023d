import { items, problem, type Check } from './check.ts';
import type { ConfigDraft } from './draft.ts';
import type { Problem } from './problems.ts';
import { inline, type Path } from './show.ts';

/** Figures that agree with each other. */
export const checkFigures: Check = (config) => [
  ...checkRanges(config),
  ...checkBeta(config),
  ...checkRelease(config),
  ...checkBackups(config),
  ...checkGates(config),
];

function checkRanges({ systems }: ConfigDraft): Problem[] {
  const ranges = [
    [['systems', 'sop138', 'node', 'instances'] as Path, systems?.sop138?.node?.instances] as const,
    ...items(systems?.coinestate?.regions).map(
      ([index, { tasks }]) => [['systems', 'coinestate', 'regions', index, 'tasks'] as Path, tasks] as const,
    ),
  ];
  return ranges.flatMap(([path, range]) =>
    range?.min !== undefined && range.max !== undefined && range.min > range.max
      ? [
          problem(
            path,
            `has min ${range.min} above max ${range.max}`,
            `${path.at(-1)}: ${inline({ min: range.max, max: range.min })}`,
          ),
        ]
      : [],
  );
}

function checkBeta({ systems }: ConfigDraft): Problem[] {
  const path = ['systems', 'godark', 'beta'];
  const beta = systems?.godark?.beta;
  const steps = [
    ['internal', 'limited'],
    ['limited', 'expanded'],
  ] as const;
  const shrinking = steps.flatMap(([before, after]) =>
    (['users', 'tvlUsd'] as const).flatMap((limit) => {
      const [low, high] = [beta?.[before]?.[limit], beta?.[after]?.[limit]];
      return low === undefined || high === undefined || low <= high
        ? []
        : [
            problem(
              [...path, after, limit],
              `is ${high}, below the ${low} of the phase before`,
              `${limit}: ${low}`,
            ),
          ];
    }),
  );
  const [most, inAll] = [beta?.expanded?.users, beta?.usersInAll];
  return most === undefined || inAll === undefined || most <= inAll
    ? shrinking
    : [
        ...shrinking,
        problem(
          [...path, 'usersInAll'],
          `is ${inAll}, below the ${most} users of the last phase`,
          `usersInAll: ${most}`,
        ),
      ];
}

function checkRelease({ systems }: ConfigDraft): Problem[] {
  const steps = systems?.godark?.release?.trafficPercent;
  if (steps === undefined || steps.includes(undefined)) return [];
  const rising = items(steps).every(([index, share]) => index === 0 || share > (steps[index - 1] ?? 0));
  if (rising && steps.at(-1) === 100) return [];
  return [
    problem(
      ['systems', 'godark', 'release', 'trafficPercent'],
      `is ${inline(steps)}; it must rise and end with 100`,
      'trafficPercent: [10, 50, 100]',
    ),
  ];
}

function checkBackups({ systems }: ConfigDraft): Problem[] {
  const { hotDays, warmDays } = systems?.godark?.backups ?? {};
  if (hotDays === undefined || warmDays === undefined || hotDays <= warmDays) return [];
  return [
    problem(
      ['systems', 'godark', 'backups', 'warmDays'],
      `is ${warmDays}, less than the ${hotDays} days before that`,
      'warmDays: 30',
    ),
  ];
}

function checkGates({ gates }: ConfigDraft): Problem[] {
  const timeout = gates?.timeoutSeconds;
  if (timeout === undefined) return [];
  return (['holdSeconds', 'intervalSeconds', 'requestTimeoutSeconds'] as const).flatMap((key) => {
    const seconds = gates?.[key];
    return seconds === undefined || seconds <= timeout
      ? []
      : [
          problem(
            ['gates', key],
            `is ${seconds}, longer than the whole wait of ${timeout} s`,
            `${key}: ${timeout}`,
          ),
        ];
  });
}
