import { createHash } from 'node:crypto';

/** One thing that Slither points at. */
export interface Finding {
  /** The same for as long as the same detector points at the same code, wherever it stands in its file. */
  readonly fingerprint: string;
  readonly detector: string;
  readonly impact: string;
  /** Contract and function, or what else it is about. */
  readonly where: string;
  /** What Slither says, with lines. */
  readonly says: string;
}

/** A finding that somebody has looked at and found to be fine. */
export interface Explained {
  readonly fingerprint: string;
  readonly detector: string;
  readonly where: string;
  readonly reason: string;
}

/** How findings and explanations differ. */
export interface Difference {
  /** Found, and not explained. */
  readonly unexplained: readonly Finding[];
  /** Explained, and found no more. */
  readonly gone: readonly Explained[];
}

/** The part of Slither's JSON that is used. */
export interface SlitherOutput {
  readonly success: boolean;
  readonly error: string | null;
  readonly results: { readonly detectors?: readonly SlitherFinding[] };
}

interface SlitherFinding {
  readonly check: string;
  readonly impact: string;
  readonly description: string;
  readonly elements: readonly SlitherElement[];
}

interface SlitherElement {
  readonly type: string;
  readonly name: string;
  readonly type_specific_fields?: { readonly parent?: SlitherElement; readonly signature?: string };
}

/** Takes the findings out of what Slither wrote. */
export function readFindings(output: SlitherOutput): Finding[] {
  if (!output.success) throw new Error(`Slither failed: ${output.error ?? 'it does not say why'}`);
  const seen = new Map<string, number>();
  return (output.results.detectors ?? []).map((finding) => {
    const identity = identityOf(finding);
    // The same statement twice in one function differs in nothing but its place: they are counted.
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    const [first] = finding.elements;
    return {
      fingerprint: createHash('sha256').update(`${identity}#${count}`).digest('hex').slice(0, 16),
      detector: finding.check,
      impact: finding.impact,
      where: first === undefined ? 'all' : pathOf(first),
      says: finding.description.trim(),
    };
  });
}

/** Compares what was found with what is explained; an explanation without a reason explains nothing. */
export function compareFindings(found: readonly Finding[], explained: readonly Explained[]): Difference {
  const known = new Set(
    explained.filter(({ reason }) => reason.trim() !== '').map(({ fingerprint }) => fingerprint),
  );
  const there = new Set(found.map(({ fingerprint }) => fingerprint));
  return {
    unexplained: found.filter(({ fingerprint }) => !known.has(fingerprint)),
    gone: explained.filter(({ fingerprint }) => !there.has(fingerprint)),
  };
}

function identityOf({ check, elements }: SlitherFinding): string {
  const [first, ...others] = elements.map((element) => `${element.type} ${pathOf(element)}`);
  return [check, first, ...others.sort()].join('\n');
}

/** `Contract.function(types)`, or for a statement that and its text. */
function pathOf({ name, type_specific_fields: more }: SlitherElement): string {
  const own = more?.signature ?? name;
  return more?.parent === undefined ? own : `${pathOf(more.parent)}.${own}`;
}
