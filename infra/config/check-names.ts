import { problem } from './check.ts';
import type { ConfigDraft } from './draft.ts';
import { nearest } from './nearest.ts';
import type { Problem } from './problems.ts';
import type { Path } from './show.ts';

type Accounts = Pick<ConfigDraft, 'signers' | 'authorities'>;

/** The name of something that another block of the file describes. */
export function checkName(
  path: Path,
  name: string | undefined,
  block: 'signers',
  config: Accounts,
): Problem[] {
  const there = config[block];
  if (name === undefined || there === undefined || Object.hasOwn(there, name)) return [];
  return [notThere(path, name, `cutover:${block}`, Object.keys(there))];
}

/** The name of a signer or an authority. */
export function checkAccount(path: Path, name: string | undefined, config: Accounts): Problem[] {
  const { signers, authorities } = config;
  if (name === undefined || signers === undefined || authorities === undefined) return [];
  const there = { ...signers, ...authorities };
  if (Object.hasOwn(there, name)) return [];
  return [notThere(path, name, 'cutover:signers or cutover:authorities', Object.keys(there))];
}

/** Says that a name leads nowhere, and which was probably meant. */
export function notThere(
  path: Path,
  name: string,
  block: string,
  known: readonly string[],
  fitting: readonly string[] = known,
): Problem {
  const near = nearest(name, known);
  const list = known.length === 0 ? 'none' : known.join(', ');
  return problem(
    path,
    `is ${name}, which ${block} does not describe; ${near === undefined ? `there: ${list}` : `did you mean ${near}?`}`,
    exampleName(path, near ?? fitting[0]),
  );
}

/** The line as it would stand in the file. */
export function exampleName(path: Path, name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${path.at(-1)}: ${name}`;
}
