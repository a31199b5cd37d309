/** The instructions agents get: Gatehouse's own sentence, and what servers say that a person approved. */
import type { ServerRecord } from '../approvals/index.ts';

/** Characters of one server's instructions, and of all together. */
const LONGEST_OF_ONE = 2_000;
const LONGEST_OF_ALL = 16_000;

/** A server's instructions as the person approved them; undefined when there are none, or other ones wait. */
export function approvedInstructionsOf(server: ServerRecord | undefined): string | undefined {
  if (server?.state !== 'approved' || server.instructionsState !== 'approved') return undefined;
  return server.approvedInstructions?.trim() ? server.approvedInstructions : undefined;
}

/** Each server's approved instructions under its name, bounded; says what was cut or left out. */
export function withServerInstructions(own: string, servers: readonly ServerRecord[]): string {
  const parts = [own];
  const leftOut: string[] = [];
  let left = LONGEST_OF_ALL;
  for (const server of servers) {
    const instructions = approvedInstructionsOf(server);
    if (instructions === undefined) continue;
    const part = `# ${server.name}\n${cut(instructions)}`;
    if (part.length > left) leftOut.push(server.name);
    else {
      parts.push(part);
      left -= part.length;
    }
  }
  if (leftOut.length > 0) parts.push(`The instructions of ${namesOf(leftOut)} are left out, because all are too long.`);
  return parts.join('\n\n');
}

function cut(instructions: string): string {
  if (instructions.length <= LONGEST_OF_ONE) return instructions;
  const note = `\n[The rest is cut: ${instructions.length} characters in all.]`;
  return `${instructions.slice(0, LONGEST_OF_ONE - note.length).toWellFormed()}${note}`;
}

function namesOf(servers: readonly string[]): string {
  const shown = servers.slice(0, 20).join(', ');
  return servers.length > 20 ? `${shown} and ${servers.length - 20} more servers` : shown;
}
