import { expect, it } from 'vitest';
import { limitsOf } from '../../infra/systems/godark-programs.ts';
import { configOf } from './config-kit.ts';

const { beta } = configOf('dev').systems.godark;

it.each([
  ['internal', 1, beta.internal],
  ['limited', 1, beta.limited],
  ['expanded', 1, beta.expanded],
  // None hold any more; what they were last is kept, for who turns them on again.
  ['launched', 0, beta.expanded],
] as const)(
  'in the phase %s the limits of that phase hold, in the units of the program',
  (phase, limited, size) => {
    expect(limitsOf({ ...beta, phase }, 1_000)).toEqual({
      limited,
      maxUsers: BigInt(size.users),
      maxTvl: BigInt(size.tvlUsd) * 1_000n,
      maxDeposit: BigInt(beta.maxDepositUsd) * 1_000n,
      maxPosition: BigInt(beta.maxPositionUsd) * 1_000n,
      maxLeverage: BigInt(beta.maxLeverage),
    });
  },
);
