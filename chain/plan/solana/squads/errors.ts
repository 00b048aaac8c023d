import { squadsProgram } from './addresses.ts';

// Anchor numbers the errors of a program from 6000 on, in the order of its source (programs/squads_multisig_program/src/errors.rs).
const words: Readonly<Record<number, string>> = {
  6003: 'the threshold is not between 1 and the number of members who may vote',
  6004: 'the member lacks the permission for this',
  6005: 'the one who signs is no member of the multisig',
  6006: 'the message of the transaction is malformed',
  6007: 'the proposal is stale: members, threshold or time lock were changed after it was made',
  6008: 'the proposal is in another state than this needs',
  6009: 'the number of the transaction is not the next one',
  6010: 'this member has approved the proposal already',
  6011: 'this member has rejected the proposal already',
  6012: 'this member has voted to cancel the proposal already',
  6013: 'the instruction has the wrong number of accounts',
  6014: 'an account is not the one that is needed',
  6021: 'the time lock has not run out',
  6029: 'an account that must not be written is among those that are written',
};

/** What the numbers mean that Squads fails with; undefined for other programs. */
export function squadsErrors(program: string, code: number): string | undefined {
  return program === squadsProgram ? words[code] : undefined;
}
