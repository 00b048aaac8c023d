/** What the engine tells about one resource while it works. */
export interface ResourceMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

/** One line of `pulumi … --json`: the events that we read, of all that there are. */
export interface EngineEvent {
  readonly timestamp: number;
  readonly resourcePreEvent?: { readonly metadata: ResourceMetadata };
  readonly resOutputsEvent?: { readonly metadata: ResourceMetadata };
  readonly resOpFailedEvent?: { readonly metadata: ResourceMetadata };
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly message: string;
    readonly severity: 'debug' | 'info' | 'info#err' | 'warning' | 'error';
    readonly ephemeral?: boolean;
  };
  readonly policyEvent?: {
    readonly resourceUrn?: string;
    readonly message: string;
    readonly enforcementLevel: string;
  };
  readonly summaryEvent?: {
    readonly durationSeconds: number;
    readonly resourceChanges: Readonly<Record<string, number>>;
    readonly result?: string;
  };
}

/** A line of the engine's output as an event; undefined for anything else that it prints. */
export function parseEvent(line: string): EngineEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const event = JSON.parse(line) as EngineEvent;
    return typeof event.timestamp === 'number' ? event : undefined;
  } catch {
    return undefined;
  }
}

/** What is said of a resource when its step is done. */
export type Line =
  | {
      readonly kind: 'done';
      readonly verb: string;
      readonly name: string;
      readonly type: string;
      readonly seconds: number;
    }
  | { readonly kind: 'failed'; readonly verb: string; readonly name: string; readonly type: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'error'; readonly name: string | undefined; readonly text: string };

/** Where an update stands: which steps run, how many are done, what changed. */
export interface Progress {
  readonly running: ReadonlyMap<
    string,
    { readonly verb: string; readonly name: string; readonly since: number }
  >;
  readonly seen: number;
  readonly changed: number;
  readonly result: string | undefined;
}

export const atStart: Progress = { running: new Map(), seen: 0, changed: 0, result: undefined };

const verbs: Readonly<Record<string, readonly [doing: string, done: string]>> = {
  create: ['creating', 'created'],
  'create-replacement': ['creating', 'created'],
  update: ['updating', 'updated'],
  delete: ['removing', 'removed'],
  'delete-replaced': ['removing', 'removed'],
  refresh: ['reading', 'read'],
};

// The engine closes a failed update with these; the error before them says more.
const hollow = /^(update|preview|destroy|refresh) failed$|^resource registration failed$|^update canceled$/;

interface Step {
  readonly after: Progress;
  readonly lines: readonly Line[];
}

/** Takes one event: the new state, and the lines that a reader wants to see for it. */
export function step(before: Progress, event: EngineEvent): Step {
  if (event.resourcePreEvent !== undefined)
    return started(before, event.resourcePreEvent.metadata, event.timestamp);
  if (event.resOutputsEvent !== undefined)
    return finished(before, event.resOutputsEvent.metadata, event.timestamp);
  if (event.resOpFailedEvent !== undefined) return failed(before, event.resOpFailedEvent.metadata);
  if (event.diagnosticEvent !== undefined) return { after: before, lines: diagnostic(event.diagnosticEvent) };
  if (event.policyEvent !== undefined) return { after: before, lines: [refusal(event.policyEvent)] };
  if (event.summaryEvent !== undefined) {
    return { after: { ...before, result: event.summaryEvent.result }, lines: [] };
  }
  return { after: before, lines: [] };
}

function started(before: Progress, { op, urn, type }: ResourceMetadata, now: number): Step {
  const verb = verbs[op];
  if (verb === undefined || isScaffold(type))
    return { after: { ...before, seen: before.seen + 1 }, lines: [] };
  const running = new Map(before.running).set(urn, { verb: verb[0], name: nameOf(urn), since: now });
  return { after: { ...before, running, seen: before.seen + 1 }, lines: [] };
}

function finished(before: Progress, { op, urn, type }: ResourceMetadata, now: number): Step {
  const verb = verbs[op];
  const begun = before.running.get(urn);
  if (verb === undefined || begun === undefined) return { after: before, lines: [] };
  const after = { ...before, running: without(before.running, urn), changed: before.changed + 1 };
  const seconds = Math.max(0, now - begun.since);
  return { after, lines: [{ kind: 'done', verb: verb[1], name: begun.name, type: kindOf(type), seconds }] };
}

function failed(before: Progress, { op, urn, type }: ResourceMetadata): Step {
  const verb = verbs[op]?.[0] ?? op;
  return {
    after: { ...before, running: without(before.running, urn) },
    lines: [{ kind: 'failed', verb, name: nameOf(urn), type: kindOf(type) }],
  };
}

function diagnostic(event: NonNullable<EngineEvent['diagnosticEvent']>): readonly Line[] {
  const text = event.message.trimEnd();
  if (text === '' || event.severity === 'debug' || event.ephemeral === true) return [];
  switch (event.severity) {
    case 'error':
      return hollow.test(text)
        ? []
        : [{ kind: 'error', name: event.urn === undefined ? undefined : nameOf(event.urn), text }];
    case 'warning':
      return [{ kind: 'warning', text }];
    case 'info':
    case 'info#err':
      return [{ kind: 'note', text }];
  }
}

/** What a policy refuses is an error; what it only tells, a note. */
function refusal({ resourceUrn, message, enforcementLevel }: NonNullable<EngineEvent['policyEvent']>): Line {
  if (enforcementLevel !== 'mandatory') return { kind: 'note', text: message.trim() };
  // Before it stands what the policy wants in general.
  const text = message.slice(Math.max(0, message.indexOf('CUT-'))).trim();
  return { kind: 'error', name: resourceUrn === undefined ? undefined : nameOf(resourceUrn), text };
}

/** The name that the program gave. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf('::') + 2);
}

/** The last part of a type: `Contract` of `pulumi-nodejs:dynamic/cutover:Contract`. */
export function kindOf(type: string): string {
  return type.slice(type.lastIndexOf(':') + 1);
}

// Components, providers and the stack itself do nothing; their children are what a reader follows.
function isScaffold(type: string): boolean {
  return (
    type === 'pulumi:pulumi:Stack' || type.startsWith('pulumi:providers:') || type.startsWith('cutover:')
  );
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
