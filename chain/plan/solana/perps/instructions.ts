import { CutoverError } from '@cutover/base/errors.ts';
import { isAddress, systemProgram } from '../address.ts';
import { joined, type Instruction } from '../instruction.ts';
import type { ProgramInterface } from './interface.ts';
import { writeFields, type Values } from './values.ts';

/** Which instruction, of which program, with what. */
export interface CallArgs {
  /** Where the program is deployed. */
  readonly program: string;
  /** Addresses by the names that the interface gives them; `program` and `system` are filled in. */
  readonly accounts: Readonly<Record<string, string>>;
  readonly arguments?: Values;
}

/** An instruction of a program by the name that its interface gives it. */
export function instructionOf(description: ProgramInterface, name: string, args: CallArgs): Instruction {
  const shape = description.instructions.get(name);
  if (shape === undefined)
    throw unknownName(description, 'instruction', name, description.instructions.keys());
  const known: Readonly<Record<string, string>> = {
    program: args.program,
    system: systemProgram,
    ...args.accounts,
  };
  const what = `${description.program} ${name}`;
  const accounts = shape.accounts.map(({ name: role, signer, writable }) => {
    const address = known[role];
    if (address === undefined || !isAddress(address)) {
      const value = address ?? 'missing';
      throw new CutoverError('CUT-2503', {
        what,
        field: role,
        value,
        wanted: 'an address, 32 bytes in base58',
      });
    }
    return { address, signer, writable };
  });
  return {
    program: args.program,
    accounts,
    data: joined(shape.tag, writeFields(shape.arguments, args.arguments ?? {}, what)),
  };
}

/** The error for a name that an interface does not have. */
export function unknownName(
  { program }: ProgramInterface,
  what: string,
  name: string,
  known: Iterable<string>,
): CutoverError {
  return new CutoverError('CUT-2502', { program, what, name, known: [...known].join(', ') });
}

/** The words of a program's own error number, for whoever decodes a failed transaction. */
export function refusalWords({ errors }: ProgramInterface, code: number): string | undefined {
  return errors.get(code)?.words;
}
