import { Interface } from 'ethers/abi';
import type { Abi } from './artifact.ts';

const panics: Readonly<Record<string, string>> = {
  '1': 'an assertion failed',
  '17': 'arithmetic overflow or underflow',
  '18': 'division by zero',
  '33': 'a value that the enum does not have',
  '34': 'badly encoded storage bytes',
  '49': 'pop of an empty array',
  '50': 'index out of bounds',
  '65': 'too much memory asked for',
  '81': 'call of an uninitialised function',
};

/** What a contract said when it reverted, as the source would write it: `Unauthorized(0x…)`. */
export function describeRevert(abi: Abi, data: string | undefined): string {
  if (data === undefined || data === '0x')
    return 'reverted without a reason (a bare require or revert, or out of gas)';
  const decoded = decode(abi, data);
  if (decoded === undefined) return `reverted with ${data.slice(0, 10)}, an error that the ABI does not have`;
  const { name, args } = decoded;
  if (name === 'Error') return `reverted: ${String(args[0])}`;
  if (name === 'Panic') return `panicked: ${panics[String(args[0])] ?? 'code ' + String(args[0])}`;
  return `reverted with ${name}(${args.map(String).join(', ')})`;
}

function decode(abi: Abi, data: string): { name: string; args: readonly unknown[] } | undefined {
  try {
    // Interface knows Error(string) and Panic(uint256) by itself.
    const parsed = Interface.from(abi.filter((item) => item.type === 'error')).parseError(data);
    return parsed === null ? undefined : { name: parsed.name, args: [...parsed.args] as unknown[] };
  } catch {
    return undefined;
  }
}
