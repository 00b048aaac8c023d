import { getBytes, hexlify } from 'ethers/utils';
import type { Artifact, ByteRange } from './artifact.ts';
import { link, type Libraries } from './link.ts';
import { embeddedMetadata, immutablesBehind, splitMetadata } from './metadata.ts';

/** The value that the constructor gave an immutable. */
export interface ImmutableValue {
  /** Its name in the source, else the compiler's number for it. */
  readonly name: string;
  /** As it stands in the code, 32 bytes as a rule. */
  readonly value: string;
}

/**
 * What stands at an address, held against an artefact.
 * - `none`: no code.
 * - `same`: the artefact's code; immutables may have any value.
 * - `same but for metadata`: what is executed is the same; comments, file names or settings of the sources differ.
 * - `changed`: other code.
 */
export type CodeComparison =
  | { readonly verdict: 'none' }
  | { readonly verdict: 'same' | 'same but for metadata'; readonly immutables: readonly ImmutableValue[] }
  | { readonly verdict: 'changed'; readonly difference: string };

/** Holds the code of a chain against an artefact. Immutables are masked by the compiler's own table. */
export function compareCode(onChain: string, artifact: Artifact, libraries: Libraries = {}): CodeComparison {
  if (onChain === '0x') return { verdict: 'none' };
  const { expected, masked } = expectedCode(artifact, libraries);
  const { code: actual, values: behind } = splitImmutables(getBytes(onChain), artifact);

  const [actualParts, expectedParts] = [splitMetadata(actual), splitMetadata(expected)];
  const [is, should] = [actualParts.executable, expectedParts.executable];
  if (is.length !== should.length) {
    return { verdict: 'changed', difference: `${is.length} bytes of code instead of ${should.length}` };
  }

  for (const [id, ranges] of Object.entries(artifact.immutableReferences ?? {})) {
    const values = new Set(ranges.map((range) => hexlify(cut(is, range))));
    if (values.size > 1) {
      const name = artifact.immutableNames[id] ?? id;
      return { verdict: 'changed', difference: `the immutable ${name} has different values at its places` };
    }
  }

  const ignored = new Uint8Array(is.length);
  for (const range of masked) ignored.fill(1, range.start, range.start + range.length);
  const embedded = new Uint8Array(is.length);
  for (const range of sameRanges(embeddedMetadata(is), embeddedMetadata(should))) {
    embedded.fill(1, range.start, range.start + range.length);
  }
  let metadataDiffers = hexlify(actualParts.metadata) !== hexlify(expectedParts.metadata);
  for (let at = 0; at < is.length; at++) {
    if (is[at] === should[at] || ignored[at] === 1) continue;
    if (embedded[at] !== 1) return { verdict: 'changed', difference: `other code from byte ${at} on` };
    metadataDiffers = true;
  }
  return {
    verdict: metadataDiffers ? 'same but for metadata' : 'same',
    immutables: [
      ...Object.entries(artifact.immutableReferences ?? {}).flatMap(([id, [first]]) =>
        first === undefined
          ? []
          : [{ name: artifact.immutableNames[id] ?? id, value: hexlify(cut(is, first)) }],
      ),
      ...behind,
    ],
  };
}

/** Takes the immutables off that Vyper puts behind the code, all in one: which is which, no artefact tells. */
function splitImmutables(
  code: Uint8Array,
  artifact: Artifact,
): { readonly code: Uint8Array; readonly values: readonly ImmutableValue[] } {
  const length = lengthBehind(artifact);
  if (length === 0) return { code, values: [] };
  const end = Math.max(0, code.length - length);
  return {
    code: code.subarray(0, end),
    values: [{ name: 'immutables', value: hexlify(code.subarray(end)) }],
  };
}

function lengthBehind({ creationCode }: Artifact): number {
  return immutablesBehind(getBytes(withoutPlaceholders(creationCode)));
}

/** Placeholders of libraries are no digits. */
function withoutPlaceholders(code: string): string {
  return code.replaceAll(/__.{38}/g, '0'.repeat(40));
}

/**
 * The code that a contract has once it is deployed, where that follows from its artefact: it has no immutables and all
 * its libraries are known. Undefined where only the chain can tell.
 */
export function codeOnceDeployed(
  address: string,
  artifact: Artifact,
  libraries: Libraries = {},
): string | undefined {
  const { runtimeCode, runtimeLinkReferences, immutableReferences } = artifact;
  if (immutableReferences === undefined || Object.keys(immutableReferences).length > 0) return undefined;
  if (lengthBehind(artifact) > 0) return undefined;
  const linked = link(runtimeCode, runtimeLinkReferences, libraries);
  if (linked.kind === 'unlinked') return undefined;
  const code = getBytes(linked.code);
  for (const { start } of ownAddress(code)) code.set(getBytes(address), start);
  return hexlify(code);
}

/** The artefact's code as bytes, and the places that deployment fills in. */
function expectedCode(
  artifact: Artifact,
  libraries: Libraries,
): { readonly expected: Uint8Array; readonly masked: readonly ByteRange[] } {
  const linked = link(artifact.runtimeCode, artifact.runtimeLinkReferences, libraries);
  const text = linked.kind === 'linked' ? linked.code : withoutPlaceholders(artifact.runtimeCode);
  const expected = getBytes(text);
  return {
    expected,
    masked: [
      ...(artifact.immutableReferences === undefined
        ? likelyImmutables(expected)
        : Object.values(artifact.immutableReferences).flat()),
      ...(linked.kind === 'linked' ? [] : Object.values(artifact.runtimeLinkReferences).flatMap(allPlaces)),
      ...ownAddress(expected),
    ],
  };
}

/**
 * Without the compiler's table: solc leaves `PUSH32 0` where an immutable goes, and pushes a zero that is meant in one
 * or two bytes.
 */
function likelyImmutables(code: Uint8Array): ByteRange[] {
  const ranges: ByteRange[] = [];
  for (let at = 0; at + 32 < code.length; at++) {
    const opcode = code[at] ?? 0;
    if (opcode === 0x7f && code.subarray(at + 1, at + 33).every((byte) => byte === 0)) {
      ranges.push({ start: at + 1, length: 32 });
    }
    if (opcode >= 0x60 && opcode <= 0x7f) at += opcode - 0x5f;
  }
  return ranges;
}

/** A library's code starts with its own address, by which it knows that it was called directly. */
function ownAddress(code: Uint8Array): ByteRange[] {
  const isLibrary =
    code[0] === 0x73 &&
    code[21] === 0x30 &&
    code[22] === 0x14 &&
    code.subarray(1, 21).every((byte) => byte === 0);
  return isLibrary ? [{ start: 1, length: 20 }] : [];
}

function allPlaces(names: Readonly<Record<string, readonly ByteRange[]>>): readonly ByteRange[] {
  return Object.values(names).flat();
}

function sameRanges(a: readonly ByteRange[], b: readonly ByteRange[]): readonly ByteRange[] {
  return a.filter((range) => b.some((other) => other.start === range.start && other.length === range.length));
}

function cut(code: Uint8Array, { start, length }: ByteRange): Uint8Array {
  return code.subarray(start, start + length);
}
