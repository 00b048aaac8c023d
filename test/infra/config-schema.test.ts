import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '@cutover/base/project.ts';
import { SCHEMA_FILE, schemaText, stackFileSchema } from '../../infra/config/json-schema.ts';
import { configSchema } from '../../infra/config/schema.ts';
import { aboutOf, exampleOf } from '../../infra/config/schema-walk.ts';
import { edited, REMOVED, stacks } from './config-kit.ts';

const textOf = (file: string) => readFileSync(join(projectRoot, file), 'utf8');
const forEditors = z.fromJSONSchema(stackFileSchema());

describe('the schema for editors', () => {
  it('is current; `node ops/write-schema.ts` makes it so', () => {
    expect(textOf(SCHEMA_FILE)).toBe(schemaText());
  });

  it.each(stacks)('is named in the first line of the file of %s and takes it', (stack) => {
    const text = textOf(`Pulumi.${stack}.yaml`);
    expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=${SCHEMA_FILE}`);
    expect(forEditors.safeParse(parse(text)).error).toBeUndefined();
  });

  it('takes what Pulumi writes around the configuration', () => {
    const file = { config: edited('dev', {}), encryptionsalt: 'v1:x', secretsprovider: 'awskms://alias/x' };
    expect(forEditors.safeParse(file).success).toBe(true);
  });

  it.each([
    ['a key that is not known', { 'systems.godark.apis': 3 }],
    ['a missing key', { gates: REMOVED }],
    ['a number in quotes', { 'gates.holdSeconds': '3' }],
    ['a word that is not known', { 'systems.godark.beta.phase': 'later' }],
    ['an upload limit below the least', { 'systems.gemforce.parse.maxUploadMb': 0 }],
  ])('underlines %s', (_, edits) => {
    expect(forEditors.safeParse({ config: edited('prod', edits) }).success).toBe(false);
  });

  it('shows for each field what it is for', () => {
    const silent: string[] = [];
    const visit = (schema: z.core.$ZodType | undefined, path: string): void => {
      const bare =
        schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? schema.unwrap() : schema;
      if (bare instanceof z.ZodObject) {
        for (const [key, each] of Object.entries(bare.shape))
          visit(each as z.core.$ZodType, `${path}.${key}`);
      } else if (bare instanceof z.ZodArray) visit(bare.element, `${path}[]`);
      else if (bare instanceof z.ZodRecord) visit(bare.valueType, `${path}.*`);
      else if (bare instanceof z.ZodUnion) bare.options.forEach((each) => visit(each, path));
      else if (!(bare instanceof z.ZodLiteral) && aboutOf(bare).description === undefined) silent.push(path);
    };
    visit(configSchema, '');
    // The steps of a release are told of as a whole.
    expect(silent).toEqual(['.systems.godark.release.trafficPercent[]']);
  });
});

describe('examples', () => {
  it('are right by themselves', () => {
    const wrong: string[] = [];
    const visit = (schema: z.core.$ZodType, path: string): void => {
      const bare =
        schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? schema.unwrap() : schema;
      const result = z.safeParse(bare, exampleOf(bare));
      if (!result.success && !(bare instanceof z.ZodRecord))
        wrong.push(`${path}: ${JSON.stringify(exampleOf(bare))}`);
      if (bare instanceof z.ZodObject) {
        for (const [key, each] of Object.entries(bare.shape))
          visit(each as z.core.$ZodType, `${path}.${key}`);
      }
      if (bare instanceof z.ZodArray && path !== '.systems.godark.release.trafficPercent')
        visit(bare.element, `${path}[]`);
      if (bare instanceof z.ZodRecord) visit(bare.valueType, `${path}.*`);
      if (bare instanceof z.ZodUnion) bare.options.forEach((each) => visit(each, path));
    };
    visit(configSchema, '');
    expect(wrong).toEqual([]);
  });
});
