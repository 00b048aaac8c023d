import { z } from 'zod';

// Compiled validators pay off after thousands of reads; a stack file is read once. Asked when a schema is made, so it
// is said here, in what every schema imports.
z.config({ jitless: true });

/**
 * Says what a field is for and shows a right value. Error messages and editors print both, so a description is one
 * plain sentence and an example could stand in a stack file as it is.
 */
export function about<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  example?: z.input<Schema>,
): Schema {
  // In place: `meta` would copy the schema, and some hundred copies are felt at the start of the program.
  z.globalRegistry.add(schema, { description, ...(example === undefined ? {} : { examples: [example] }) });
  return schema;
}

/** A whole number within bounds. */
export function whole(least: number, most: number, description: string, example: number): z.ZodInt {
  return about(z.int().min(least).max(most), description, example);
}

/** A number within bounds that may have a fraction. */
export function amount(least: number, most: number, description: string, example: number): z.ZodNumber {
  return about(z.number().min(least).max(most), description, example);
}

/** A text of a fixed form; `form` completes the sentence "it must be …". */
export function text(pattern: RegExp, form: string, description: string, example: string): z.ZodString {
  return about(z.string().regex(pattern, { error: `it must be ${form}` }), description, example);
}

/** An address of Solana, 32 bytes, as far as a pattern tells; without its ends. */
export const base58Address = '[1-9A-HJ-NP-Za-km-z]{32,44}';

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  description: string,
  example: Words[number] = words[0],
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  return about(z.enum(words), description, example);
}

export const yesOrNo = (description: string): z.ZodBoolean => about(z.boolean(), description, true);

/** How things that others refer to are named: networks, signers. */
export const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** The name of a network, signer or region that another block of the file describes. */
export function nameOf(of: string, example: string): z.ZodString {
  const article = /^[aeiou]/i.test(of) ? 'an' : 'a';
  return text(
    namePattern,
    `the name of ${article} ${of}`,
    `The name of ${article} ${of} of this file.`,
    example,
  );
}

/** A block with a name of its own for each thing in it. */
export function named<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
): z.ZodRecord<z.ZodString, Schema> {
  const name = z.string().regex(namePattern, { error: 'a name is small letters, digits and single hyphens' });
  return about(z.record(name, schema), description);
}

/** A host name without scheme, port or path. On dev it is `localhost`. */
export function host(description: string, example: string): z.ZodString {
  return text(
    /^(localhost|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,})$/,
    'a host name in small letters, without scheme, port or path',
    description,
    example,
  );
}
