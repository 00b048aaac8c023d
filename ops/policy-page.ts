import { CutoverError } from '@cutover/base/errors.ts';
import { resourceOf, shortType, type Example, type Rule } from '../policy/rule.ts';
import { rules } from '../policy/rules.ts';
import type { Value } from '../policy/values.ts';

/** The page whose table is made here. */
export const POLICY_PAGE = 'docs/policy.md';

// Prettier would pad its columns to the widest cell.
const begin = '<!-- prettier-ignore-start -->';
const end = '<!-- prettier-ignore-end -->';

/** A page with the table of policies between its two marks as it is now. */
export function withPolicyTable(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new CutoverError('CUT-5462', { page: POLICY_PAGE, begin, end });
  return `${page.slice(0, from + begin.length)}\n\n${policyTable()}\n${page.slice(to)}`;
}

/** Every policy: what it wants, a fixture that passes, one that fails, and what is then said to do. */
function policyTable(): string {
  const rows = rules.map((rule) => [
    `\`${rule.id}\``,
    rule.wants,
    examplesText([rule.passes].flat()),
    examplesText([rule.fails].flat()),
    remedyOf(rule),
  ]);
  return [['policy', 'what it wants', 'passes', 'fails', 'fix'], ['---', '---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |\n`)
    .join('');
}

function examplesText(examples: readonly Example[]): string {
  return examples
    .map(({ type, props, protect, from = {} }) => {
      const links = Object.entries(from).map(([property, names]) => `${property}: ${names.join(', ')}`);
      const parts = [inline(props), ...links, ...(protect === true ? ['protect: true'] : [])].filter(
        (part) => part !== '{}',
      );
      return `${shortType(type)}${parts.length === 0 ? '' : ` \`${parts.join('; ')}\``}`;
    })
    .join(', ');
}

/** A value as a programmer writes it. A JSON text within is shown as what it says. */
function inline(value: Value): string {
  if (typeof value === 'string' && /^[[{]/.test(value)) return inline(JSON.parse(value) as Value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${inline(field)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 36)}…` : text;
}

function remedyOf(rule: Rule): string {
  const place = { environment: 'prod' } as const;
  const findings =
    rule.looksAt === 'stack'
      ? rule.judge(rule.fails.map(resourceOf), place)
      : rule.judge(resourceOf(rule.fails), place);
  const found = findings.find(({ kind }) => kind === 'wrong');
  return found?.kind === 'wrong' ? found.remedy : '';
}
