import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineFacts } from './table.ts';

interface Rule {
  readonly properties?: Readonly<
    Record<string, { readonly const?: string; readonly enum?: readonly string[] }>
  >;
}
interface Rules {
  readonly enum?: readonly string[];
  readonly allOf?: readonly { readonly if: Rule; readonly then: Rule }[];
}

/** Reads what RDS and ElastiCache offer of the engines in use; cfn-lint has it from AWS's APIs and price lists. */
export function readEngines(data: string): Readonly<Record<string, EngineFacts>> {
  const read = <T>(path: string): T =>
    JSON.parse(readFileSync(join(data, 'schemas', 'extensions', path), 'utf8')) as T;
  const versions = read<Rules>('aws_rds_dbinstance/engine_version.json');
  const classes = read<Record<string, Rules>>('aws_rds_dbinstance/dbinstanceclass_enum.json');
  const cacheVersions = read<Rules>('aws_elasticache_cachecluster/engine_version.json');
  const cacheClasses = read<Record<string, Rules>>('aws_elasticache_cachecluster/cachenodetype_enum.json');
  const cache = (engine: string): EngineFacts => ({
    versions: inOrder(allowed(cacheVersions, engine, 'EngineVersion')),
    ...offered(cacheClasses, (rules) => rules.enum ?? []),
  });
  return {
    postgres: {
      versions: inOrder(allowed(versions, 'postgres', 'EngineVersion')),
      ...offered(classes, (rules) => allowed(rules, 'postgres', 'DBInstanceClass')),
    },
    redis: cache('redis'),
    valkey: cache('valkey'),
  };
}

function allowed(rules: Rules, engine: string, property: string): string[] {
  return (rules.allOf ?? [])
    .filter((rule) => rule.if.properties?.['Engine']?.const === engine)
    .flatMap((rule) => rule.then.properties?.[property]?.enum ?? []);
}

function offered(
  regions: Readonly<Record<string, Rules>>,
  list: (rules: Rules) => readonly string[],
): Pick<EngineFacts, 'classes' | 'missing'> {
  const lists = Object.entries(regions)
    .filter(([name]) => name !== 'description')
    .map(([region, rules]) => [region, new Set(list(rules))] as const);
  const classes = inOrder(lists.flatMap(([, here]) => [...here]));
  const missing = lists.map(([region, here]) => [region, classes.filter((each) => !here.has(each))] as const);
  return { classes, missing: Object.fromEntries(missing.filter(([, lacking]) => lacking.length > 0)) };
}

const order = new Intl.Collator('en', { numeric: true });

function inOrder(words: readonly string[]): string[] {
  return [...new Set(words)].sort((one, other) => order.compare(one, other));
}
