import type { Instruction } from '../instruction.ts';
import type { ExchangeSeen } from './exchange.ts';
import { instructionOf } from './instructions.ts';
import type { ProgramInterface } from './interface.ts';

/** What the guardian and the admin do in an emergency, one after the other. */
export type EmergencyStep = 'pause' | 'close positions' | 'return funds' | 'resume';

/**
 * So many fit into a transaction. Of its 1232 bytes a position takes 109 (its account, the user's, the owner's, and
 * what may be a market of its own 32 more), a user 78.
 */
const perTransaction = { 'close positions': 6, 'return funds': 10 } as const;

/** The instructions of a step, in the groups that go into one transaction each. */
export function emergencyInstructions(
  description: ProgramInterface,
  seen: ExchangeSeen,
  step: EmergencyStep,
): readonly (readonly Instruction[])[] {
  const { program, address: exchange, admin, guardian } = seen;
  const call = (name: string, accounts: Readonly<Record<string, string>>, values = {}): Instruction =>
    instructionOf(description, name, {
      program,
      accounts: { admin, guardian, exchange, ...accounts },
      arguments: values,
    });
  switch (step) {
    case 'pause':
      return [[call('pause', {}, { mode: description.modes.get('stopped') ?? 0 })]];
    case 'resume':
      return [[call('resume', {})]];
    case 'close positions': {
      const owners = new Map(seen.users.map(({ address, owner }) => [address, owner]));
      const closing = seen.positions.map(({ address, user, market }) =>
        call('closeAtMark', { market, user, position: address, owner: owners.get(user) ?? '' }),
      );
      return grouped(closing, perTransaction[step]);
    }
    case 'return funds': {
      const returning = seen.users.map(({ address, owner }) => call('returnFunds', { user: address, owner }));
      return grouped(returning, perTransaction[step]);
    }
  }
}

function grouped<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
}
