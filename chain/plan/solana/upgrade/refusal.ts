import { CutoverError } from '@cutover/base/errors.ts';
import { buildName } from './announcement.ts';
import type { DesiredUpgrade } from './facts.ts';
import type { UpgradeRefusal } from './next.ts';

/** The refusal as an error that its reader can act on. */
export function upgradeError(
  refusal: UpgradeRefusal,
  { program, hash: wanted }: DesiredUpgrade,
  network: string,
): CutoverError {
  const where = { program, network };
  switch (refusal.reason) {
    case 'no program':
      return new CutoverError('CUT-2472', { ...where, reason: refusal.found });
    case 'immutable': {
      const reason = 'Its authority was removed';
      return new CutoverError('CUT-2473', { ...where, reason, found: refusal.found });
    }
    case 'handed away':
      return new CutoverError('CUT-2474', {
        ...{ ...where, authority: refusal.authority, wanted: refusal.wanted },
      });
    case 'changed elsewhere':
      return new CutoverError('CUT-2475', { ...where, from: refusal.from, found: refusal.found, wanted });
    case 'without effect':
      return new CutoverError('CUT-2480', { ...where, how: refusal.how, found: refusal.found, wanted });
    case 'buffer changed': {
      const { proposal, buffer, found, authority } = refusal;
      return new CutoverError('CUT-2476', { ...where, proposal, buffer, found, authority, wanted });
    }
    case 'delay too short':
      return new CutoverError('CUT-2477', { ...where, delay: refusal.delay, wanted: refusal.wanted });
    case 'another upgrade': {
      const { address, creator, promised, bufferNow } = refusal.proposal;
      const hash = promised ?? bufferNow?.hash;
      const build = hash === undefined ? 'code that is not known' : buildName({ hash });
      return new CutoverError('CUT-2478', { ...where, proposal: address, creator, build });
    }
    case 'may not': {
      const { account, what, holders } = refusal;
      const named = holders.length === 0 ? 'nobody' : holders.join(', ');
      return new CutoverError('CUT-2479', { ...where, account, what, holders: named });
    }
  }
}
