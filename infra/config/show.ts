import { findSecret } from '@cutover/base/secret-looking.ts';

/** A place in a stack file: the keys and positions that lead to it. */
export type Path = readonly (string | number)[];

/** A path as it is written in YAML: `cutover:networks.ethereum.endpoints[1].weight`. */
export function showPath(path: Path): string {
  const [block = '', ...rest] = path;
  const first = showBlock(String(block));
  const steps = rest.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    return /^[\w-]+$/.test(step) && step.length <= 60 ? `.${step}` : `[${describeValue(step)}]`;
  });
  return `${first}${steps.join('')}`;
}

function showBlock(block: string): string {
  if (block.length > 60 || !/^([\w-]+:)?[\w-]+$/.test(block)) return describeValue(block);
  return block.includes(':') ? block : `cutover:${block}`;
}

/** A value in one line of YAML: `{ kind: evm, chainId: 1 }`. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, each]) => `${inlineText(key)}: ${inline(each)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  if (typeof value === 'string') return inlineText(value);
  return showSimple(value);
}

/** A value as an error message shows it: with its kind, not too long, and never one that looks like a secret. */
export function describeValue(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object')
    return Object.keys(value).length === 0 ? 'an empty block' : 'a block of keys';
  if (typeof value === 'string') {
    return findSecret(value) === undefined ? JSON.stringify(shorten(value)) : 'a secret (not shown)';
  }
  return showSimple(value);
}

// Texts that YAML takes as they are: words, paths, URLs and addresses, but nothing that is a number or a yes to some reader.
const plainText = /^([A-Za-z/]|\.{1,2}\/|\d+(\.\d+){3}\/)[\w./:@…-]*$/;
const otherKind = /^(true|false|null|yes|no|y|n|on|off|~)$|:$/i;

function inlineText(value: string): string {
  return plainText.test(value) && !otherKind.test(value) ? value : JSON.stringify(value);
}

function showSimple(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : typeof value;
}

function shorten(value: string): string {
  return value.length > 60 ? `${value.slice(0, 57)}…` : value;
}
