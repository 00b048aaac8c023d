import { CutoverError } from '@cutover/base/errors.ts';
import { addressBytes, loaders, programDataAddress, systemProgram, sysvars } from '../address.ts';
import { joined, readable, signing, u32, u8, writable } from '../instruction.ts';
import type { AccountUse, Instruction } from '../instruction.ts';
import type { ProposedAction, TimelockRules } from './accounts.ts';
import { proposalAddress, timelockAddress, timelockVault } from './addresses.ts';
import description from './interface.json' with { type: 'json' };

/** Makes a time lock. The create key signs once and is of no use afterwards. */
export function createTimelock(args: {
  readonly program: string;
  readonly payer: string;
  readonly createKey: string;
  readonly rules: TimelockRules;
}): Instruction {
  const { program, payer, createKey, rules } = args;
  const uses = [
    signing(writable(payer)),
    signing(readable(createKey)),
    writable(timelockAddress(program, createKey)),
    readable(systemProgram),
  ];
  return call(program, 'create', uses, rulesBytes(rules));
}

/**
 * Makes a proposal; it is not an approval. For an upgrade the vault must be the authority of the program and of the
 * buffer already, and the hash is checked against the buffer's bytes.
 */
export function propose(args: {
  readonly program: string;
  readonly timelock: string;
  /** A member. */
  readonly proposer: string;
  readonly payer: string;
  /** The time lock's `proposals`: the number that is free. */
  readonly index: bigint;
  readonly action: ProposedAction;
}): Instruction {
  const { program, timelock, proposer, payer, index, action } = args;
  const uses = [
    signing(readable(proposer)),
    signing(writable(payer)),
    writable(timelock),
    writable(proposalAddress(program, timelock, index)),
    readable(systemProgram),
  ];
  const kind = u8(description.kinds[action.kind]);
  switch (action.kind) {
    case 'upgrade': {
      const accounts = [action.program, programDataAddress(action.program), action.buffer, action.spill];
      return call(program, 'propose', [...uses, ...accounts.map(readable)], joined(kind, action.hash));
    }
    case 'handOver':
      return call(program, 'propose', [...uses, readable(action.account), readable(action.authority)], kind);
    case 'changeRules':
      return call(program, 'propose', uses, joined(kind, rulesBytes(action.rules)));
  }
}

/** What a vote is about, and who gives it. */
export interface Vote {
  readonly program: string;
  readonly timelock: string;
  readonly index: bigint;
  readonly member: string;
}

/** Approves a proposal. With the last approval that is needed, its time begins to run. */
export function approve(vote: Vote): Instruction {
  return call(vote.program, 'approve', voteUses(vote));
}

/** Votes to cancel a proposal; its proposer alone cancels it as long as it is not approved. */
export function cancel(vote: Vote): Instruction {
  return call(vote.program, 'cancel', voteUses(vote));
}

/** Executes a proposal whose time has come. Any member may. */
export function execute(vote: Vote, action: ProposedAction): Instruction {
  const { program, timelock, index, member } = vote;
  const uses = [
    signing(readable(member)),
    writable(timelock),
    writable(proposalAddress(program, timelock, index)),
  ];
  const vault = readable(timelockVault(program, timelock));
  const loader = readable(loaders.upgradeable);
  switch (action.kind) {
    case 'upgrade': {
      const { buffer, spill } = action;
      const written = [programDataAddress(action.program), action.program, buffer, spill].map(writable);
      const cluster = [readable(sysvars.rent), readable(sysvars.clock)];
      return call(program, 'execute', [...uses, ...written, ...cluster, vault, loader]);
    }
    case 'handOver': {
      const next = signing(readable(action.authority));
      return call(program, 'execute', [...uses, writable(action.account), vault, next, loader]);
    }
    case 'changeRules':
      return call(program, 'execute', uses);
  }
}

/** What is wrong with rules, in words; nothing where the program would take them. */
export function ruleProblems({
  members,
  threshold,
  delaySeconds,
  graceSeconds,
}: TimelockRules): readonly string[] {
  const { limits } = description;
  const whole = (value: number, least: number, most: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  return [
    ...(whole(members.length, 1, limits.members)
      ? []
      : [`there are ${members.length} members; 1 to ${limits.members} can be`]),
    ...(new Set(members).size === members.length ? [] : ['a member is named twice']),
    ...(members.includes(systemProgram) ? ['the address of all zeros can be no member'] : []),
    ...(whole(threshold, 1, members.length)
      ? []
      : [`the threshold is ${threshold}; it must be from 1 to the number of members`]),
    ...(whole(delaySeconds, 0, limits.delaySeconds)
      ? []
      : [`the delay is ${delaySeconds} s; it can be 0 to ${limits.delaySeconds} s (90 days)`]),
    ...(whole(graceSeconds, 1, limits.graceSeconds)
      ? []
      : [`the time to execute in is ${graceSeconds} s; it can be 1 to ${limits.graceSeconds} s (90 days)`]),
  ];
}

function rulesBytes(rules: TimelockRules): Uint8Array {
  const problems = ruleProblems(rules);
  if (problems.length > 0) throw new CutoverError('CUT-2500', { list: problems.join('; ') });
  const { members, threshold, delaySeconds, graceSeconds } = rules;
  const listed = members.map((member) => addressBytes(member, 'a member of a time lock'));
  const unused = new Uint8Array(32 * (description.limits.members - members.length));
  return joined(
    u8(threshold),
    u8(members.length),
    new Uint8Array(6),
    u32(delaySeconds),
    u32(graceSeconds),
    ...listed,
    unused,
  );
}

function voteUses({ program, timelock, index, member }: Vote): readonly AccountUse[] {
  return [signing(readable(member)), readable(timelock), writable(proposalAddress(program, timelock, index))];
}

function call(
  program: string,
  name: keyof typeof description.instructions,
  accounts: readonly AccountUse[],
  ...data: readonly Uint8Array[]
): Instruction {
  return { program, accounts, data: joined(u8(description.instructions[name]), ...data) };
}
