/** What one step of the work tells about itself. */
export interface Step {
  /** What it does just now, and how far it is. */
  doing(what: string): void;
}

/** Steps that may run side by side, told as they go. */
export interface Steps {
  /** Runs one step: says that it begins, how far it is, and how long it took. */
  run<T extends string>(title: string, work: (step: Step) => Promise<T>): Promise<T>;
  /** Prints a line between the steps. */
  line(text: string): void;
  /** Takes the line that moves off the screen. */
  close(): void;
}

/** Where the steps are told: the standard error stream, or a test's ear. */
export interface Ear {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

// Without a terminal, a step that takes long is heard of this often.
const quietFor = 20_000;

/**
 * Tells how `total` steps get on: one line that moves on a terminal, plain lines elsewhere. What a step's work
 * resolves to is said when it is done: where the part came from.
 */
export function tellSteps(total: number, ear: Ear, now: () => number = Date.now): Steps {
  const moving = ear.isTTY === true && process.env['TERM'] !== 'dumb';
  const running = new Map<string, { began: number; said: number; doing: string }>();
  let begun = 0;
  let shown = false;

  const clear = (): void => {
    if (shown) ear.write('\r\x1b[2K');
    shown = false;
  };
  const line = (text: string): void => {
    clear();
    ear.write(`${text}\n`);
    show();
  };
  const show = (): void => {
    if (!moving || running.size === 0) return;
    const parts = [...running].map(
      ([title, { began, doing }]) => `${title}: ${doing === '' ? '…' : doing} ${timeOf(now() - began)}`,
    );
    const text = `  ${parts.join(' · ')}`;
    const columns = ear.columns ?? 80;
    clear();
    ear.write(text.length < columns ? text : `${text.slice(0, columns - 2)}…`);
    shown = true;
  };
  // Nothing keeps the process for this, and it stops with the last step.
  const ticker = setInterval(() => {
    if (moving) show();
    else for (const [title, step] of running) sayAgain(title, step);
  }, 250).unref();
  const sayAgain = (title: string, step: { began: number; said: number; doing: string }): void => {
    if (now() - step.said < quietFor) return;
    step.said = now();
    line(
      `        ${title}: ${step.doing === '' ? 'still at it' : step.doing}, ${timeOf(now() - step.began)} so far`,
    );
  };

  return {
    run: async (title, work) => {
      const step = { began: now(), said: now(), doing: '' };
      begun++;
      line(`  ${begun}/${total}   ${title} …`);
      running.set(title, step);
      show();
      try {
        const outcome = await work({
          doing: (what) => {
            step.doing = what;
            show();
          },
        });
        running.delete(title);
        line(`  done  ${title}: ${outcome}, ${timeOf(now() - step.began)}`);
        return outcome;
      } catch (error) {
        running.delete(title);
        line(`  FAIL  ${title}, after ${timeOf(now() - step.began)}`);
        throw error;
      }
    },
    line,
    close: () => {
      clearInterval(ticker);
      clear();
    },
  };
}

/** A length of time: 0.4 s, 12 s, 3 min 5 s. */
export function timeOf(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
