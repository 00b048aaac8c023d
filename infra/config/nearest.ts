/** The known word that a misspelt one was probably meant to be; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = plainly(word);
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const distance = distanceBetween(plain, plainly(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  // Half of a word mistyped is another word.
  const most = Math.max(1, Math.floor(Math.min(plain.length, best?.length ?? 0) * 0.4));
  return least <= most ? best : undefined;
}

/** Like the edit distance; of two words as far away, the one with the same letters or the same beginning is nearer. */
function distanceBetween(word: string, known: string): number {
  const distance = editDistance(word, known);
  const sameLetters = [...word].sort().join('') === [...known].sort().join('');
  const shorter = Math.min(word.length, known.length);
  const sameBeginning = shorter >= 3 && word.slice(0, shorter) === known.slice(0, shorter);
  return sameBeginning ? Math.min(distance, 1) : sameLetters ? distance - 0.5 : distance;
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
