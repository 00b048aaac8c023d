import { readInterface } from '../../plan/solana/perps/interface.ts';
import description from './interface.json' with { type: 'json' };

/** How the perps program is called and what its accounts hold: interface.json, which the real program's owner edits. */
export const perpsInterface = readInterface('chain/programs/perps/interface.json', description);
