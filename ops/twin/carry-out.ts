import { ApiError, apiText, operationOf, waitingText, type Doing, type Partly } from './api-error.ts';
import type { KeptThing, Outcome } from './cloud.ts';
import { faultOf, parseRule, type Fault, type Operation } from './faults.ts';
import type { KnownKind, Place, Refusal } from './kind.ts';
import { settled } from './live/settled.ts';
import { retried } from './retry.ts';
import type { Named, Stage } from './stage.ts';

/** A call of the API that is about to be made. */
export interface Work extends Named {
  readonly kind: KnownKind;
  readonly doing: Doing;
  readonly place: Place;
  /** Its id, or its name where it has none yet. */
  readonly thing: string;
  /** How long it may take in the real cloud; 0 where nobody says. */
  readonly timeoutSeconds: number;
  /** Takes secrets out of texts. */
  readonly hide: (text: string) => string;
  /** What the engine keeps when the thing is there and the call failed. */
  readonly partly?: (thing: KeptThing) => Partly;
}

/** What came of it: the thing, nothing (it is gone), or why not. */
export type Result = { readonly thing?: KeptThing } | { readonly refusal: Refusal };

const operationsOf: Readonly<Record<Doing, Operation>> = {
  creating: 'create',
  reading: 'read',
  updating: 'update',
  deleting: 'delete',
};

/** How often the real provider asks again when it is throttled. */
const retries = 25;

/**
 * Makes a call of the API, with the faults that are set for it, and writes it into the ledger. The effect and its row
 * are one transaction; what takes time in the real cloud is waited for after it.
 * SIDE EFFECTS: those of `effect`; waits; may end the process.
 */
export async function carryOut(
  stage: Stage,
  work: Work,
  effect: () => Result,
): Promise<KeptThing | undefined> {
  const { cloud } = stage;
  const fault = plannedFault(stage, work);
  if (fault?.how === 'throttled') throttle(stage, work, fault.times);
  if (fault?.how === 'slow') await stage.wait(fault.seconds);
  if (fault?.how === 'dies-before') {
    note(stage, work, 'died');
    stage.die();
  }
  if (fault?.how === 'before') throw failed(stage, work, told(fault.code, 'before anything happened'), 500);
  const result = await retried(stage, work, () =>
    cloud.atomically(() => {
      const done = effect();
      if (!('refusal' in done)) note(stage, work, outcomeOf(fault), undefined, done.thing?.id);
      return done;
    }),
  );
  if (result === undefined) throw canceled(work);
  if ('refusal' in result) {
    note(stage, work, 'refused', result.refusal);
    throw apiError(work, result.refusal, 400);
  }
  if (fault?.how === 'dies-after') stage.die();
  const seconds = usualSeconds(work);
  const { thing } = result;
  const partly = thing === undefined ? undefined : work.partly?.(thing);
  if (!(await stage.wait(seconds * cloud.settings.timeScale))) {
    throw canceled(work, partly);
  }
  await waitForBody(stage, work, thing?.id ?? work.thing, partly);
  if (fault?.how === 'lost') throw apiError(work, told(fault.code, 'and the answer was lost'), 500);
  if (fault?.how === 'after') throw apiError(work, told(fault.code, 'after it had happened'), 500, partly);
  if (work.timeoutSeconds > 0 && seconds > work.timeoutSeconds) {
    const message = `timeout while waiting for state to become 'available' (timeout: ${work.timeoutSeconds}s; it usually takes ${seconds}s)`;
    throw new ApiError(
      'Timeout',
      `${work.doing} ${work.kind.api.service} (${work.thing}): ${message}`,
      partly,
    );
  }
  return thing;
}

/** Where real things stand behind the cloud: waits until that of this thing is as it was asked for. */
async function waitForBody(stage: Stage, work: Work, id: string, partly: Partly | undefined): Promise<void> {
  if (stage.bodies === undefined || work.doing === 'reading') return;
  const of = { type: work.type, id, ...work.place };
  const how = await settled(stage.bodies, of, stage.cloud.lastCall(), stage.wait);
  if (how.kind === 'given up') throw canceled(work, partly);
  if (how.kind === 'well') return;
  const refusal = { code: 'Unwell', message: how.why };
  note(stage, work, 'unwell', refusal, id);
  throw new ApiError(
    refusal.code,
    work.hide(waitingText(work.kind, work.doing, work.thing, how.why)),
    partly,
  );
}

function canceled(work: Work, partly?: Partly): ApiError {
  return apiError(work, { code: 'RequestCanceled', message: 'request context canceled' }, 0, partly);
}

/** The fault that is set for a call. */
function plannedFault({ cloud }: Stage, { doing, type, urn }: Work): Fault | undefined {
  const rules = cloud.faults().map(parseRule);
  if (rules.length === 0) return undefined;
  const operation = operationsOf[doing];
  const count = cloud.calls(operation, urn) + 1;
  return faultOf({ operation, type, urn, count }, rules, cloud.settings.seed);
}

function throttle(stage: Stage, work: Work, times: number): void {
  const refusal = { code: 'Throttling', message: 'Rate exceeded' };
  for (let attempt = 0; attempt < Math.min(times, retries); attempt++)
    note(stage, work, 'throttled', refusal);
  if (times > retries) throw failed(stage, work, refusal, 400);
}

function outcomeOf(fault: Fault | undefined): Outcome {
  if (fault?.how === 'after') return 'unwell';
  if (fault?.how === 'lost') return 'lost';
  return fault?.how === 'dies-after' ? 'died' : 'done';
}

function told(code = 'InternalFailure', when: string): Refusal {
  return {
    code,
    message: `The request processing has failed because of an unknown error (set by hand, ${when}).`,
  };
}

function usualSeconds({ kind, doing }: Work): number {
  const { takes = {} } = kind;
  if (doing === 'creating') return takes.create ?? 0;
  if (doing === 'updating') return takes.update ?? 0;
  return doing === 'deleting' ? (takes.delete ?? 0) : 0;
}

/** Writes a failure down, and makes the error. */
function failed(stage: Stage, work: Work, refusal: Refusal, status: number): ApiError {
  note(stage, work, 'failed', refusal);
  return apiError(work, refusal, status);
}

/** The error that the engine gets. */
export function apiError(work: Work, refusal: Refusal, status: number, partly?: Partly): ApiError {
  return new ApiError(
    refusal.code,
    work.hide(apiText(work.kind, work.doing, work.thing, refusal, status)),
    partly,
  );
}

/** Writes a call into the ledger. SIDE EFFECTS: writes it. */
export function note(stage: Stage, work: Work, outcome: Outcome, refusal?: Refusal, id = work.thing): void {
  stage.cloud.record({
    ...{ operation: operationsOf[work.doing], type: work.type, id, urn: work.urn, outcome },
    ...work.place,
    ...(refusal !== undefined && {
      code: refusal.code,
      message: work.hide(`${operationOf(work.kind, work.doing)}: ${refusal.message}`),
    }),
  });
}
