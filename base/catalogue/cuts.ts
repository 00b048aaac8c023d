import type { CatalogueEntry } from '../errors.ts';

/** CUT-2100 to 2149: cuts of diamonds, facets and facet sets. */
export const cutErrors = {
  'CUT-2100': {
    what: 'The cut of {diamond} cannot be planned: {count} problem(s).\n{list}',
    remedy: 'Correct the facets named above; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2101': {
    what: 'The cut of {diamond} is refused: {count} reason(s).\n{list}',
    why: 'It could be sent, and would change what must stay or what nobody asked for.',
    remedy: 'See what each line says would be right; nothing was sent to a chain.',
    exit: 3,
  },
  'CUT-2102': {
    what: 'The loupe of {diamond} cannot be relied on: {count} problem(s).\n{list}',
    why: 'A cut is planned from what the loupe says; from an answer that contradicts itself it would be a guess.',
    remedy: 'Check that the address is a diamond of EIP-2535, and the code of its loupe; nothing was sent.',
  },
  'CUT-2103': {
    what: 'The functions of the facet {facet} cannot be chosen: {count} problem(s).\n{list}',
    remedy: 'Correct `include` and `exclude`; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2104': {
    what: 'The initialiser of the cut of {diamond} does not fit: {count} problem(s).\n{list}',
    remedy: 'Correct its address and calldata; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2105': {
    what: '{diamond} on {network} does not route as it must: {count} fault(s).\n{list}',
    remedy:
      'Run the update again: it plans from what the chain says now. If it stays so, look who else cuts this diamond.',
    exit: 3,
  },
  'CUT-2106': {
    what: 'Facet sets do not fit: {count} problem(s).\n{list}',
    remedy: 'Correct the sets named above; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2107': {
    what: 'The cut of {diamond} does not fit into transactions: one part needs about {gas} gas; {limit} are allowed.',
    why: 'The initialiser, or the change of diamondCut together with it, cannot be divided further.',
    remedy: 'Let the initialiser do less, or do it over several cuts; correct its `gas` if it needs less.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
