/** Stops listening for wishes to stop. */
export type Deaf = () => void;

/**
 * Hears of every wish to stop: Ctrl-C, a plain `kill`. A terminal that was closed, or output that nobody reads any more,
 * counts once and only where nobody has asked before: it comes several times, and the second wish stops hard.
 * SIDE EFFECTS: these signals no longer end the process.
 */
export function onInterrupt(stop: () => void): Deaf {
  let asked = false;
  const ask = (): void => {
    asked = true;
    stop();
  };
  const leave = (): void => {
    if (!asked) ask();
  };
  process.on('SIGINT', ask).on('SIGTERM', ask).on('SIGHUP', leave);
  return () => void process.off('SIGINT', ask).off('SIGTERM', ask).off('SIGHUP', leave);
}

/**
 * What to do when nobody reads what is printed: work at hand ends as when the terminal is closed, anything else at once
 * (`./cutover status | head` ends when head has seen enough; that is no error).
 */
export function whenNobodyReads(stream: NodeJS.WriteStream): void {
  let stopping = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // EIO is a terminal that is gone.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    const isAtWork = process.listenerCount('SIGHUP') > 0;
    // What stops still has to say so by its exit code, behind lines that nobody reads.
    if (!isAtWork && !stopping) process.exit(0);
    stopping = true;
    if (isAtWork) process.emit('SIGHUP', 'SIGHUP');
  });
}
