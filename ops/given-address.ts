import { InvalidArgumentError } from 'commander';

/** An address on the command line. Half of one would find nothing, and read as if nothing waited. */
export function anAddress(text: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text))
    throw new InvalidArgumentError('It is 0x and 40 hexadecimal digits.');
  return text;
}
