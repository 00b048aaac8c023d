import { pino, type DestinationStream, type Logger } from 'pino';

export interface LogOptions {
  /** The system and the service that speak, in every line. */
  readonly system: string;
  readonly service: string;
  readonly level: string;
  /** Texts that no line may hold, whatever was logged. */
  readonly secrets: readonly string[];
}

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Structured logs, one JSON object a line on standard output. Secrets are taken out of each line as it is written. */
export function createLog(options: LogOptions, destination?: DestinationStream): Logger {
  const hide = hider(options.secrets);
  return pino(
    {
      base: { system: options.system, service: options.service },
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: hide },
    },
    // Synchronous: the last lines before a crash are the ones that matter.
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

/** Takes secrets out of a text, also as they look inside JSON and URLs. */
export function hider(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .filter((form) => form.length > 2)
    .sort((a, b) => b.length - a.length);
  const unique = [...new Set(forms)];
  return (text) => unique.reduce((hidden, form) => hidden.replaceAll(form, '***'), text);
}
