import type { CatalogueEntry } from '../errors.ts';

/** CUT-2500 to 2519: the programs of this project, what they are told, and how they are built. */
export const solanaProgramErrors = {
  'CUT-2500': {
    what: 'The rules of the time lock cannot be: {list}.',
    remedy: 'Set them right in the stack file; docs/programs.md has the limits.',
    exit: 2,
  },
  'CUT-2501': {
    what: 'The interface of the program {program} is wrong: {list}.',
    why: 'It tells how instructions are written and accounts are read; a wrong one would send something else.',
    remedy: 'Set it right in {file}; docs/programs.md tells what stands where.',
    exit: 2,
  },
  'CUT-2502': {
    what: 'The program {program} has no {what} named {name}.',
    remedy: 'Use one of: {known}. They are named in its interface file.',
    exit: 2,
  },
  'CUT-2503': {
    what: '{what}: {field} is {value}; it must be {wanted}.',
    remedy: 'Set the value right; nothing was sent.',
    exit: 2,
  },
  'CUT-2504': {
    what: 'The interface file {file} cannot be read: {reason}.',
    why: 'It tells how the program is called: without it nothing can be sent to it.',
    remedy:
      'Correct `interface` in the stack file, or bring the file back as it was: git checkout -- {file}. Nothing was sent.',
    exit: 2,
  },
  'CUT-2510': {
    what: 'The compiler of programs (clang, in the Python wheel ziglang) could not be brought: {why}',
    remedy:
      'Debian and Ubuntu: apt install python3-pip · macOS: brew install python. Then run the same command again. The built programs lie beside their sources, so only who changes a source needs it.',
  },
  'CUT-2511': {
    what: '{source} does not compile:\n{said}',
    remedy: 'Set the source right and run the same command again.',
  },
  'CUT-2512': {
    what: '{source} cannot be made a program: {why}.',
    remedy: '{remedy}',
  },
  'CUT-2513': {
    what: 'Built programs are not what their sources say: {list}.',
    why: 'What is deployed is the file beside the source; a review of the source would say nothing about it.',
    remedy: 'Build them anew: node toolchain/sbpf/build.ts',
    exit: 3,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
