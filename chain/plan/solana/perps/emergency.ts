import { systemProgram } from '../address.ts';
import type { Instruction } from '../instruction.ts';
import { setComputeUnitLimit, setComputeUnitPrice } from '../loader-instructions.ts';
import { compileMessage, largestTransaction, transactionSize } from '../message.ts';
import type { ExchangeSeen } from './exchange.ts';
import { instructionOf, unknownName } from './instructions.ts';
import type { ProgramInterface } from './interface.ts';

/** What the guardian and the admin do in an emergency, one after the other. */
export type EmergencyStep = 'pause' | 'close positions' | 'return funds' | 'resume';

/**
 * At most so many go into a transaction, for its compute units; fewer where a program of another interface wants more
 * accounts for each. Of its 1232 bytes a position of ours takes 141, a user 78.
 */
const mostTogether = { 'close positions': 6, 'return funds': 10 } as const;

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
      return [[call('pause', {}, { mode: stoppedIn(description) })]];
    case 'resume':
      return [[call('resume', {})]];
    case 'close positions': {
      const owners = new Map(seen.users.map(({ address, owner }) => [address, owner]));
      const closing = seen.positions.map(({ address, user, market }) =>
        call('closeAtMark', { market, user, position: address, owner: owners.get(user) ?? '' }),
      );
      return grouped(closing, admin, mostTogether[step]);
    }
    case 'return funds': {
      const returning = seen.users.map(({ address, owner }) => call('returnFunds', { user: address, owner }));
      return grouped(returning, admin, mostTogether[step]);
    }
  }
}

/** A pause in any other mode would be none. */
function stoppedIn(description: ProgramInterface): number {
  const mode = description.modes.get('stopped');
  if (mode === undefined) throw unknownName(description, 'mode', 'stopped', description.modes.keys());
  return mode;
}

function grouped(
  instructions: readonly Instruction[],
  payer: string,
  most: number,
): readonly (readonly Instruction[])[] {
  const groups: Instruction[][] = [];
  for (const instruction of instructions) {
    const last = groups.at(-1);
    if (last !== undefined && last.length < most && fits(payer, [...last, instruction]))
      last.push(instruction);
    else groups.push([instruction]);
  }
  return groups;
}

/** Whether instructions fit into one transaction, with its budget before them. */
function fits(payer: string, instructions: readonly Instruction[]): boolean {
  const whole = [setComputeUnitLimit(0), setComputeUnitPrice(0n), ...instructions];
  // A blockhash has the length of an address; which one it is takes no room.
  return transactionSize(compileMessage(payer, whole, systemProgram)) <= largestTransaction;
}
