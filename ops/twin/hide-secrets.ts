import { isList, isMap, isSecret, isUnknown, type Held, type HeldMap } from './held.ts';

/** Takes the values of secret arguments out of a text that people read. */
export function hideSecrets(text: string, inputs: HeldMap): string {
  // Longest first: one may be a part of another. Shorter ones than four letters would take words apart.
  return secretTexts(inputs, false)
    .filter((each) => each.length >= 4)
    .sort((a, b) => b.length - a.length)
    .reduce((shown, each) => shown.replaceAll(each, '[secret]'), text);
}

function secretTexts(value: Held, hidden: boolean): readonly string[] {
  if (isSecret(value)) return secretTexts(value.value, true);
  if (value === null || isUnknown(value)) return [];
  if (isList(value) || isMap(value)) return Object.values(value).flatMap((each) => secretTexts(each, hidden));
  return hidden ? [String(value)] : [];
}
