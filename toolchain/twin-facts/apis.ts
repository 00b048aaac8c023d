import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { once } from '../../base/once.ts';
import { limitsFor, unknownShape, wholePattern, type Shape } from './shape.ts';

/** The input of an operation, by service and operation: `rds.CreateDBInstance`. */
export type Apis = (operation: string) => Shape | undefined;

interface Model {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

interface ModelShape {
  readonly type: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly member?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
}

/** Opens the models in botocore's data, each service in its newest version. */
export function openApis(data: string): Apis {
  const models = new Map<string, Model>();
  const modelOf = (service: string): Model => {
    const known = models.get(service);
    if (known !== undefined) return known;
    const newest = readdirSync(join(data, service)).sort().at(-1) ?? '';
    const packed = readFileSync(join(data, service, newest, 'service-2.json.gz'));
    const model = JSON.parse(gunzipSync(packed).toString('utf8')) as Model;
    models.set(service, model);
    return model;
  };
  return (operation) => {
    const [service = '', name = ''] = operation.split('.');
    const model = modelOf(service);
    const input = model.operations[name]?.input;
    return input === undefined ? undefined : shapeOf(input.shape, model);
  };
}

const types: ReadonlyMap<string, Shape['type']> = new Map([
  ['string', 'string'],
  ['boolean', 'boolean'],
  ['integer', 'number'],
  ['long', 'number'],
  ['float', 'number'],
  ['double', 'number'],
  ['list', 'list'],
  ['map', 'map'],
  ['structure', 'object'],
]);

function shapeOf(name: string | undefined, model: Model): Shape {
  const shape = name === undefined ? undefined : model.shapes[name];
  const type = types.get(shape?.type ?? '');
  if (shape === undefined || type === undefined) return unknownShape();
  const { min, max, member, value, members = {} } = shape;
  const bounds = { minLength: min, maxLength: max, minItems: min, maxItems: max };
  const limits = limitsFor(type, { ...shape, ...bounds, pattern: wholePattern(shape.pattern) });
  if (type === 'list') return { type, limits, items: once(() => shapeOf(member?.shape, model)) };
  if (type === 'map') return { type, limits, items: once(() => shapeOf(value?.shape, model)) };
  if (type === 'object') return { type, limits, fields: once(() => shapesOf(members, model)) };
  return { type, limits };
}

function shapesOf(members: NonNullable<ModelShape['members']>, model: Model): ReadonlyMap<string, Shape> {
  return new Map(Object.entries(members).map(([name, { shape }]) => [name, shapeOf(shape, model)]));
}
