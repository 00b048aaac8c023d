import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from '../../base/once.ts';
import { limitsFor, unknownShape, wholePattern, type Shape } from './shape.ts';

/** A resource type of CloudFormation. */
export interface CloudFormationType {
  readonly shape: Shape;
  /** Properties whose change replaces, `Name` or `Config.Type`. */
  readonly createOnly: readonly string[];
}

/** Schemas by type: `AWS::RDS::DBInstance`. */
export type CloudFormation = (type: string) => CloudFormationType | undefined;

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}

interface Root extends Schema {
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly createOnlyProperties?: readonly string[];
}

/** Opens the schemas of one region in cfn-lint's data, which are CloudFormation's with corrections. */
export function openCloudFormation(data: string, region = 'us_east_1'): CloudFormation {
  const index = readFileSync(join(data, 'schemas', 'providers', `${region}.py`), 'utf8');
  const files = new Map(
    [...index.matchAll(/"(AWS::[\w:]+)": "(\w+)"/g)].map(([, type, file]) => [type, file]),
  );
  return (type) => {
    const file = files.get(type);
    if (file === undefined) return undefined;
    const root = JSON.parse(readFileSync(join(data, 'schemas', 'resources', `${file}.json`), 'utf8')) as Root;
    return {
      shape: shapeOf(root, root),
      createOnly: (root.createOnlyProperties ?? []).map((pointer) =>
        pointer.replace('/properties/', '').replaceAll('/properties/', '.').replaceAll('/', '.'),
      ),
    };
  };
}

const types: ReadonlyMap<string, Shape['type']> = new Map([
  ['string', 'string'],
  ['boolean', 'boolean'],
  ['integer', 'number'],
  ['number', 'number'],
  ['array', 'list'],
  ['object', 'map'],
]);

function shapeOf(written: Schema, root: Root): Shape {
  const schema = resolve(written, root);
  const { properties, items = {}, patternProperties = {} } = schema;
  const type = properties === undefined ? types.get(String(schema.type)) : 'object';
  if (type === undefined) return unknownShape();
  const limits = limitsFor(type, {
    ...schema,
    pattern: wholePattern(schema.pattern),
    min: schema.minimum,
    max: schema.maximum,
  });
  const [value = {}] = Object.values(patternProperties);
  if (type === 'list') return { type, limits, items: once(() => shapeOf(items, root)) };
  if (type === 'map') return { type, limits, items: once(() => shapeOf(value, root)) };
  if (type === 'object') return { type, limits, fields: once(() => shapesOf(properties ?? {}, root)) };
  return { type, limits };
}

function shapesOf(properties: Readonly<Record<string, Schema>>, root: Root): ReadonlyMap<string, Shape> {
  return new Map(Object.entries(properties).map(([name, property]) => [name, shapeOf(property, root)]));
}

function resolve(schema: Schema, root: Root): Schema {
  const name = /^#\/definitions\/(.+)$/.exec(schema.$ref ?? '')?.[1];
  const target = name === undefined ? undefined : root.definitions?.[name];
  return target === undefined ? schema : resolve(target, root);
}
