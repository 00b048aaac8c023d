import type { GateProgress, GateTiming } from './gate.ts';

const ANSWER_LENGTH = 200;

/** Replaces every secret in a text, and the credentials of any URL in it. Encoded forms of a secret count as it. */
export function mask(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    // Replacing one or two letters would garble the text and tell the secret's length rather than hide it.
    .filter((form) => form.length > 2)
    .sort((a, b) => b.length - a.length);
  const hidden = forms.reduce((masked, form) => masked.replaceAll(form, '***'), text);
  // Without \b a body of a million letters is looked through from each of them: hours.
  return hidden.replaceAll(/\b(\w+:\/\/)[^\s/@]+@/g, '$1***@');
}

/** The first line of an answer that says something, cut, without control characters that would upset a terminal. */
export function firstLine(text: string, length = ANSWER_LENGTH): string {
  const line =
    text
      .split(/\r?\n/)
      .map((candidate) => candidate.replaceAll(/\p{Cc}/gu, ' ').trim())
      .find((candidate) => candidate !== '') ?? '';
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** A duration as people say it: 0.4 s, 12 s, 3 min 5 s. */
export function seconds(ms: number): string {
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`;
  const whole = Math.round(ms / 1000);
  if (whole < 120) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** One line for someone who watches a gate wait. */
export function progressLine(label: string, timing: GateTiming, progress: GateProgress, now: number): string {
  const waited = `${seconds(now - progress.startedAt)} of ${seconds(timing.timeoutMs)}`;
  if (progress.goodSince !== undefined) {
    const held = `${seconds(now - progress.goodSince)} of ${seconds(timing.holdMs)}`;
    return `${label}: all checks are good, held for ${held}`;
  }
  const miss = progress.lastMiss;
  const state = miss === undefined ? 'no answer yet' : `${miss.check}: ${miss.reason}`;
  return `${label}: waiting, ${waited}, ${attemptsText(progress.attempts)}; ${state}`;
}

/** How the wait went, for the report of a gate that failed. */
export function waitText(timing: GateTiming, progress: GateProgress): string {
  const tried = `${attemptsText(progress.attempts)} in ${seconds(progress.lastEndedAt - progress.startedAt)}`;
  if (progress.longestHoldMs > 0) {
    return `${tried}; it was good for ${seconds(progress.longestHoldMs)} at most, ${seconds(timing.holdMs)} are asked`;
  }
  return tried;
}

function attemptsText(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}
