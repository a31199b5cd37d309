import { addServerInputSchema } from '@shared/contract/index.ts';
import { z } from 'zod';
import { commandLineOf, launchIdentityOf } from '../upstreams/index.ts';

export interface ActionDescription {
  readonly summary: string;
  readonly facts: { label: string; value: string }[];
}

const named = z.object({ name: z.string() });
const ids = z.object({ ids: z.array(z.string()) });

/**
 * Says in one sentence what a widening action would do, with the exact facts to look at. Secret values in the input are
 * never part of it.
 * @param action dotted procedure path, e.g. `servers.add`
 */
export function describeAction(action: string, input: unknown): ActionDescription {
  switch (action) {
    case 'servers.add': {
      const add = addServerInputSchema.safeParse(input);
      if (!add.success) break;
      const launch = launchIdentityOf(add.data.config);
      return {
        summary: `The command line wants to add the server ${add.data.name}.`,
        facts: [
          { label: launch.kind === 'stdio' ? 'Command' : 'Address', value: commandLineOf(launch) },
          { label: 'Working directory', value: launch.cwd ?? '–' },
          { label: 'Environment', value: launch.envNames.join(', ') || 'none' },
          { label: 'Secrets', value: Object.keys(add.data.secrets ?? {}).join(', ') || 'none' },
        ],
      };
    }
    case 'servers.approve':
      return about(input, named, ({ name }) => `The command line wants to approve what ${name} runs.`);
    case 'servers.setDisabled':
      return about(input, named, ({ name }) => `The command line wants to switch ${name} on or off.`);
    case 'tools.approve': {
      const tools = ids.safeParse(input);
      if (!tools.success) break;
      return {
        summary: `The command line wants to approve ${tools.data.ids.length === 1 ? 'one tool' : `${tools.data.ids.length} tools`}.`,
        facts: tools.data.ids.map((id) => ({ label: 'Tool', value: id })),
      };
    }
    case 'tools.approveAll':
      return about(
        input,
        z.object({ server: z.string() }),
        ({ server }) => `The command line wants to approve every held tool of ${server}.`,
      );
    case 'apps.issueToken':
      return about(input, named, ({ name }) => `The command line wants a token for the AI app ${name}.`);
    case 'catalog.add':
      return about(
        input,
        z.object({ id: z.string() }),
        ({ id }) => `The command line wants to add ${id} from the catalog.`,
      );
    case 'gate.resume':
      return { summary: 'The command line wants to open the gate.', facts: [] };
    case 'settings.set':
      return {
        summary: 'The command line wants to change settings.',
        facts: [{ label: 'Change', value: JSON.stringify(input) }],
      };
    case 'system.movePort':
      return about(input, z.object({ port: z.number() }), ({ port }) => `The command line wants to listen on ${port}.`);
    case 'system.consoleLogin':
      return { summary: 'The command line wants a console address that signs in.', facts: [] };
  }
  return { summary: `The command line wants ${action}.`, facts: [] };
}

function about<T>(input: unknown, schema: z.ZodType<T>, say: (value: T) => string): ActionDescription {
  const parsed = schema.safeParse(input);
  return { summary: parsed.success ? say(parsed.data) : 'The command line wants a change.', facts: [] };
}
