import { headerSize, readElfHeader, type ElfHeader } from './elf-reader.ts';
import { sectionProblems } from './elf-sections.ts';
import { segmentProblems } from './elf-segments.ts';
import { knownSyscalls } from './elf-syscalls.ts';
import { describeVersions, usualVersions } from './elf-versions.ts';
import { longestProgram } from './room.ts';

/** What a cluster takes. */
export interface ElfRules {
  /** Versions of sBPF that may be deployed. @default those of the public clusters */
  readonly versions?: readonly number[];
  /** Syscalls that it knows beside `knownSyscalls`. @default none */
  readonly syscalls?: readonly string[];
}

/** Whether a file is a program that the loader takes. */
export type ElfCheck =
  | { readonly kind: 'valid'; readonly version: number; readonly size: number }
  /** Each problem a sentence, and what to do. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/**
 * Checks a program's file as the loader does when it is deployed, so that a bad one is refused before anything is sent.
 * Single instructions are not verified: that is left to the loader.
 */
export function checkElf(bytes: Uint8Array, rules: ElfRules = {}): ElfCheck {
  const header = readElfHeader(bytes);
  if (header === undefined) return { kind: 'refused', problems: [noElf(bytes)] };
  const problems = [...sizeProblems(bytes), ...headerProblems(header), ...versionProblems(header, rules)];
  if (problems.length > 0) return { kind: 'refused', problems };
  const { flags: version } = header;
  const found =
    version === 3
      ? segmentProblems(bytes, header)
      : sectionProblems(bytes, header, new Set([...knownSyscalls, ...(rules.syscalls ?? [])]));
  return found.length > 0
    ? { kind: 'refused', problems: found }
    : { kind: 'valid', version, size: bytes.length };
}

function noElf(bytes: Uint8Array): string {
  const right = 'Give the .so that `anchor build` or `cargo build-sbf` writes to target/deploy.';
  if (bytes.length === 0) return `The file is empty. ${right}`;
  // 0x5b is [: solana-keygen writes a keypair as a JSON array, and cargo build-sbf puts it beside the program.
  if (bytes[0] === 0x5b) return `It looks like a keypair, not like a program. ${right}`;
  if (bytes.length < headerSize)
    return `It has ${bytes.length} bytes; an ELF file has at least ${headerSize}. ${right}`;
  return `It does not begin as an ELF file does. ${right}`;
}

function sizeProblems(bytes: Uint8Array): readonly string[] {
  return bytes.length <= longestProgram
    ? []
    : [
        `It has ${bytes.length} bytes; no account holds a program of more than ${longestProgram}. Strip it, build it with opt-level = "z" and lto = "fat", or split the program.`,
      ];
}

const machines: Readonly<Record<number, string>> = {
  3: 'x86',
  40: 'ARM',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
};

const ours: readonly number[] = [247, 263];

function headerProblems(header: ElfHeader): readonly string[] {
  const build = 'Build it with `cargo build-sbf`.';
  const { machine, type } = header;
  const name = machines[machine] ?? `machine ${machine}`;
  // A v3 file may say any type; all linkers write 3.
  const isWrongType = header.flags !== 3 && type !== 3;
  const said = type === 1 ? 'an object file that was not linked' : `of type ${type}, not a shared object (3)`;
  return [
    ...(header.class === 2 ? [] : [`It is not a 64-bit file. ${build}`]),
    ...(header.order === 1 ? [] : [`It is big endian; programs are little endian. ${build}`]),
    ...(header.versions.every((version) => version === 1)
      ? []
      : [`It has no known version of ELF. ${build}`]),
    ...(header.abi === 0 ? [] : [`It is made for an operating system (ABI ${header.abi}). ${build}`]),
    ...(ours.includes(machine) ? [] : [`It is made for ${name}, not for Solana. ${build}`]),
    ...(isWrongType ? [`It is ${said}. Give the .so that the linker writes.`] : []),
  ];
}

function versionProblems({ flags }: ElfHeader, { versions = usualVersions }: ElfRules): readonly string[] {
  if (versions.includes(flags)) return [];
  const arch = versions.at(-1);
  const fix =
    arch === undefined ? 'Ask another cluster.' : `Build it with \`cargo build-sbf --arch v${arch}\`.`;
  return [`It is sBPF v${flags}; the cluster takes ${describeVersions(versions)}. ${fix}`];
}
