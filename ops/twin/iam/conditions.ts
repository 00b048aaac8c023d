import { fits, fitsArn, fitsInAnyCase } from './match.ts';
import type { Condition } from './document.ts';

/** What is known of a request beside action and resource, `aws:SourceAccount` and the like. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** Whether all conditions of a statement hold for a request. */
export function hold(conditions: readonly Condition[], context: Context): boolean {
  return conditions.every((condition) => holds(condition, context));
}

function holds({ operator, key, values }: Condition, context: Context): boolean {
  const [, quantifier, comparison = '', ifExists] =
    /^(ForAnyValue:|ForAllValues:)?(.+?)(IfExists)?$/.exec(operator) ?? [];
  const given = lookUp(context, key);
  if (comparison === 'Null') return values.some((value) => (value === 'true') === (given === undefined));
  const negated = /Not/.test(comparison);
  if (given === undefined)
    return ifExists !== undefined || quantifier === 'ForAllValues:' || (negated && quantifier === undefined);
  const wanted = values.map((value) => filledIn(value, context));
  const compare = comparisonOf(comparison.replace('Not', ''));
  const one = (text: string): boolean => wanted.some((value) => compare(value, text)) !== negated;
  // Without a quantifier a negated comparison is about all values there are.
  const all = quantifier === undefined ? negated : quantifier === 'ForAllValues:';
  return all ? given.every(one) : given.some(one);
}

function lookUp(context: Context, key: string): readonly string[] | undefined {
  const found = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
  return typeof found === 'string' ? [found] : found;
}

/** Policy variables, `${aws:username}`. */
export function filledIn(text: string, context: Context): string {
  return text.replace(/\$\{([^}]+)\}/g, (whole, key: string) =>
    ['*', '?', '$'].includes(key) ? key : (lookUp(context, key)?.[0] ?? whole),
  );
}

function comparisonOf(name: string): (wanted: string, given: string) => boolean {
  if (name === 'StringEquals' || name === 'BinaryEquals') return (wanted, given) => wanted === given;
  if (name === 'StringEqualsIgnoreCase')
    return (wanted, given) => wanted.toLowerCase() === given.toLowerCase();
  if (name === 'StringLike') return fits;
  if (name === 'ArnEquals' || name === 'ArnLike') return fitsArn;
  if (name === 'Bool') return fitsInAnyCase;
  if (name === 'IpAddress') return isInRange;
  if (name.startsWith('Date'))
    return (wanted, given) =>
      compareNumbers(name.slice('Date'.length), Date.parse(wanted), Date.parse(given));
  return (wanted, given) => compareNumbers(name.slice('Numeric'.length), Number(wanted), Number(given));
}

function compareNumbers(name: string, wanted: number, given: number): boolean {
  if (name === 'LessThan') return given < wanted;
  if (name === 'LessThanEquals') return given <= wanted;
  if (name === 'GreaterThan') return given > wanted;
  if (name === 'GreaterThanEquals') return given >= wanted;
  return given === wanted;
}

function isInRange(range: string, address: string): boolean {
  const [base = '', bits = '32'] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(base) / size) === Math.floor(numberOf(address) / size);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
