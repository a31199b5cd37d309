/** describe_tools: the full approved definitions. */
import { withMember } from '@shared/json-text.ts';
import { z } from 'zod';
import type { ToolRecord } from '../approvals/index.ts';
import { heldRefusal, type Profile, shortName } from '../policy/index.ts';
import { answer, invalid, isOpenTo, textResult } from './own-answers.ts';
import type { OwnToolsOptions } from './own-tools.ts';
import type { OwnAnswer } from './pipeline.ts';

const describeInput = z.object({ names: z.array(z.string().min(1).max(600)).min(1).max(20) });

/** Answers with definitions as approved; for a name that is not open to this profile, with a code and nothing the server said. */
export async function describeTools(
  { approvals }: Pick<OwnToolsOptions, 'approvals'>,
  args: unknown,
  profile: Profile,
): Promise<OwnAnswer> {
  const input = describeInput.safeParse(args ?? {});
  if (!input.success) return invalid('describe_tools', input.error);
  const described = input.data.names.map((name) => {
    const found = approvals.tool(name);
    const tool = found?.kind === 'tool' ? found : undefined;
    if (!isOpenTo(profile, tool)) return JSON.stringify({ name: shortName(name), ...reasonFor(profile, name, tool) });
    const own = JSON.stringify({ name: tool.id, effect: tool.effect, call_with: `call_tool_${tool.effect}` });
    // Apart from Gatehouse's own words: a definition may hold fields of any name, `effect` too.
    return withMember(own, 'definition', withMember(tool.definitionJson, 'name', null));
  });
  return answer(textResult(`[${described.join(',')}]`), true);
}

/** Why a tool cannot be described, with the code a call would get and nothing the server said. */
function reasonFor(profile: Profile, name: string, tool: ToolRecord | undefined): { code: string; message: string } {
  const isHeld =
    tool && tool.state !== 'approved' && (profile.servers === null || profile.servers.includes(tool.server));
  if (isHeld) {
    const { code, message } = heldRefusal(tool);
    return { code, message };
  }
  return { code: 'not_in_profile', message: `No tool named ${shortName(name)} is available to this app.` };
}
