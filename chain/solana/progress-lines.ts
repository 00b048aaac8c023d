import type { UploadProgress } from '../plan/solana/upload.ts';

const everyMs = 3_000;

/** Tells how far an upload is, now and then. SIDE EFFECTS: those of `tell`. */
export function progressLines(
  title: string,
  tell: (line: string) => void,
): (progress: UploadProgress) => void {
  let toldAt = performance.now();
  return ({ written, of, secondsLeft }) => {
    const now = performance.now();
    if (now - toldAt < everyMs || written === of) return;
    toldAt = now;
    const still = secondsLeft === undefined ? '' : `, about ${secondsLeft} s still`;
    tell(`${title}: ${written} of ${of} pieces are written${still}`);
  };
}
