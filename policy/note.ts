import { appendFileSync } from 'node:fs';

/** Names the file in which the pack notes what it has refused. */
export const noteVariable = 'CUTOVER_POLICY_NOTE';

/** Notes that a policy has refused something, where whoever started the engine wants to know. SIDE EFFECTS: writes that file. */
export function noteRefusal(policy: string): void {
  const file = process.env[noteVariable];
  if (file !== undefined) appendFileSync(file, `${policy}\n`);
}
