import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { readInterface } from '@cutover/chain/plan/solana/perps/interface.ts';
import { checkExchange } from '@cutover/chain/plan/solana/perps/needs.ts';

const file = 'chain/programs/perps/interface.json';
type Json = Record<string, unknown>;

/** The interface of this project's program, with something at a place in it put otherwise or taken out. */
function bent(path: string, value: unknown): unknown {
  const whole = JSON.parse(readFileSync(join(projectRoot, file), 'utf8')) as Json;
  const names = path.split('.');
  const last = names.pop() ?? '';
  let place = whole;
  for (const name of names) place = place[name] as Json;
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return whole;
}

const check = (description: unknown): void => checkExchange(file, readInterface(file, description));

describe('an exchange that is deployed', () => {
  it('can be paused and taken back by this project’s interface, and by one with other tags', () => {
    expect(() => check(bent('instructions.pause.tag', '0x9902030405060708'))).not.toThrow();
  });

  it.each([
    ['no mode to stop in', 'modes.stopped', undefined, 'modes.stopped is missing'],
    ['no pause', 'instructions.pause', undefined, 'instructions.pause is missing'],
    [
      'no way to close positions',
      'instructions.closeAtMark',
      undefined,
      'instructions.closeAtMark is missing',
    ],
    [
      'a pause that the admin signs, too',
      'instructions.pause.accounts',
      ['guardian signer', 'admin signer', 'exchange writable'],
      'instructions.pause is signed by admin; it can be signed by guardian',
    ],
    [
      'an account that nobody knows the address of',
      'instructions.returnFunds.accounts',
      ['admin signer', 'exchange writable', 'user writable', 'owner writable', 'vault writable'],
      'instructions.returnFunds needs the account vault; known are admin, guardian, exchange, user, owner, program, system',
    ],
    [
      'an argument that nobody knows',
      'instructions.resume.arguments',
      { when: 'i64' },
      'instructions.resume needs the argument when; known are none',
    ],
    [
      'no mode in a layout',
      'accounts.exchange.layouts.1.mode',
      undefined,
      'accounts.exchange.layouts.1.mode is missing',
    ],
    [
      'an owner that is no address',
      'accounts.user.layouts.2.owner',
      'text32',
      'accounts.user.layouts.2.owner is text32; it must be an address',
    ],
    ['no positions', 'accounts.position', undefined, 'accounts.position is missing'],
  ])('is refused before it is, with %s', (_, path, value, problem) => {
    // What a release reads is of no matter here.
    const description = { ...(bent(path, value) as Json), releases: {} };
    expect(() => check(description)).toThrow(problem);
    expect(() => check(description)).toThrow('CUT-2501');
  });
});
