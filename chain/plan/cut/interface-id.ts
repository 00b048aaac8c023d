import type { Cut } from './change.ts';
import { selectorsAround } from './change.ts';
import { knownInterfaces } from './known-interfaces.ts';
import { compareText, selectorOf, type FacetFunction } from './selector.ts';

/** An interface in the sense of ERC-165: its id is the exclusive or of its selectors. */
export interface ContractInterface {
  readonly name: string;
  readonly id: string;
  readonly functions: readonly FacetFunction[];
}

/** An interface that a cut gains or loses, with the functions that decide about it. */
export interface InterfaceChange {
  readonly kind: 'gained' | 'lost';
  readonly name: string;
  readonly id: string;
  /** Signatures of the interface that come or go with this cut. */
  readonly functions: readonly string[];
}

/** ERC-165: the exclusive or of all selectors. */
export function interfaceId(selectors: Iterable<string>): string {
  let id = 0;
  for (const selector of selectors) id ^= Number(selector);
  return `0x${(id >>> 0).toString(16).padStart(8, '0')}`;
}

/** An interface of one's own, from canonical signatures; hashes each. */
export function interfaceOf(name: string, signatures: readonly string[]): ContractInterface {
  const functions = signatures.map((signature) => ({ selector: selectorOf(signature), signature }));
  return { name, id: interfaceId(functions.map(({ selector }) => selector)), functions };
}

/**
 * Which interfaces are served whole by functions only before, or only after a cut. What `supportsInterface` answers is
 * kept by most diamonds in a table of its own, which a cut does not touch: a reader must hold the two together.
 */
export function interfaceChanges(
  cut: Cut,
  interfaces: readonly ContractInterface[] = knownInterfaces,
): readonly InterfaceChange[] {
  const { before, after } = selectorsAround(cut);
  const whole = ({ functions }: ContractInterface, selectors: ReadonlySet<string>): boolean =>
    functions.every(({ selector }) => selectors.has(selector));
  return interfaces
    .flatMap((each): InterfaceChange[] => {
      const [was, is] = [whole(each, before), whole(each, after)];
      if (was === is) return [];
      const moved = each.functions.filter(({ selector }) => before.has(selector) !== after.has(selector));
      const functions = moved.map(({ signature }) => signature).toSorted(compareText);
      return [{ kind: is ? 'gained' : 'lost', name: each.name, id: each.id, functions }];
    })
    .toSorted((a, b) => compareText(a.name, b.name));
}

/** What a reviewer should know, in one sentence. */
export function describeInterfaceChange({ kind, name, id, functions }: InterfaceChange): string {
  return kind === 'lost'
    ? `supportsInterface(${name} ${id}) will no longer be backed by functions: ${functions.join(', ')} removed`
    : `all functions of ${name} ${id} are there after this cut; supportsInterface must be told so by the initialiser`;
}
