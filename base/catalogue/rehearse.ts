import type { CatalogueEntry } from '../errors.ts';

/** CUT-5520 to 5539: rehearsals of a stack on the twin. */
export const rehearseErrors = {
  'CUT-5520': {
    what: '{stack} is no stack that can be rehearsed.',
    why: 'A rehearsal plays the cloud and the public chains of a stack; dev has neither.',
    remedy: 'Rehearse staging or prod. For dev: ./cutover up',
    exit: 2,
  },
  'CUT-5521': {
    what: 'There is no system {system} in {stack}; it has {known}.',
    remedy: '{fix}',
    exit: 2,
  },
  'CUT-5522': {
    what: 'A rehearsal of {stack} runs already, in {folder}.',
    why: 'Two of them would share one cloud and one state.',
    remedy: 'Wait until it ends, or name another folder with --folder.',
    exit: 3,
  },
  'CUT-5523': {
    what: 'A local node for {chain} could not be started: {message}',
    remedy: 'Run ./cutover doctor: it tells what is missing and how to get it.',
  },
  'CUT-5524': {
    what: 'The local node for {chain} answered {method} with: {message}',
    remedy: 'Run the rehearsal again; with the same --seed it does the same.',
  },
  'CUT-5525': {
    what: 'GoDark cannot be rehearsed on this machine: there is no local Solana node for {platform}.',
    why: 'surfpool, which plays the clusters, has builds for linux-x64, darwin-arm64 and darwin-x64.',
    remedy: 'Rehearse the other systems here with --only, and GoDark on one of these platforms.',
    exit: 2,
  },
  'CUT-5526': {
    what: 'The folder {folder} of the rehearsal cannot be written: {message}',
    remedy: 'Mend that, or name another folder with --folder.',
    exit: 2,
  },
  'CUT-5527': {
    what: 'The local node for {chain} answers no more: {message}',
    why: 'It was ended, or the machine has too little memory.',
    remedy: 'Run the rehearsal again; with the same --seed it does the same.',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
