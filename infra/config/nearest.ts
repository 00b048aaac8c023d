/** The known word that a misspelt one was probably meant to be; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  const plain = plainly(word);
  for (const candidate of known) {
    const distance = editDistance(plain, plainly(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  // Half of a word mistyped is another word.
  return best !== undefined && least <= Math.max(1, Math.floor(Math.min(plain.length, best.length) * 0.4))
    ? best
    : undefined;
}

/** Without what people get wrong when they know the word: capitals, hyphens and underscores. */
function plainly(word: string): string {
  // What is longer than any key needs no look.
  return word.slice(0, 60).toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** Letters to insert, remove, change or swap with their neighbour (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? 0;
}
