let watched = false;

/**
 * Ends this process when its parent is gone. A killed engine sends no signal to what it started; what is left of it is
 * that its child has another parent. SIDE EFFECTS: ends the process.
 */
export function endWithParent(): void {
  if (watched) return;
  watched = true;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 500).unref();
}
