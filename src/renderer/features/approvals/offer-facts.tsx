import type { ToolDetail } from '@shared/contract/index.ts';
import { Table } from '../../components/ui/table.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { bytes } from '../../lib/format.ts';

/** A line about a prompt, resource or template; all values come from the server. */
interface Fact {
  name: string;
  value: string;
}

function factsOf({ kind, definition }: ToolDetail): Fact[] {
  // A prompt's name, and the address of the others, is the heading of the page.
  const words: Readonly<Record<string, string>> = {
    ...(kind !== 'prompt' && { name: 'Name' }),
    title: 'Title',
    mimeType: 'Kind of content',
  };
  const facts = Object.entries(words).flatMap(([key, name]) => {
    const value: unknown = definition[key];
    return typeof value === 'string' && value !== '' ? [{ name, value }] : [];
  });
  const size: unknown = definition.size;
  return typeof size === 'number' && size >= 0 ? [...facts, { name: 'Size', value: bytes(size) }] : facts;
}

interface Argument {
  name: string;
  description: string;
  isRequired: boolean;
}

const most = 100;

function argumentsOf(definition: ToolDetail['definition']): Argument[] {
  const listed: unknown = definition.arguments;
  if (!Array.isArray(listed)) return [];
  return listed.slice(0, most).flatMap((item: unknown): Argument[] => {
    if (typeof item !== 'object' || item === null || !('name' in item) || typeof item.name !== 'string') return [];
    const description = 'description' in item && typeof item.description === 'string' ? item.description : '';
    return [{ name: item.name, description, isRequired: 'required' in item && item.required === true }];
  });
}

/** What a prompt, resource or template is, as a person should read it; the exact text is under Full text. */
export function OfferFacts({ detail }: { detail: ToolDetail }) {
  const args = argumentsOf(detail.definition);
  const facts = factsOf(detail);
  return (
    <>
      {facts.length > 0 && (
        <section>
          <h3>
            What it is <span className="meta">as the server says</span>
          </h3>
          <Table label="What it is" dense className="ann saysof">
            <tbody>
              {facts.map((fact) => (
                <tr key={fact.name}>
                  <th scope="row">{fact.name}</th>
                  <td>
                    <VisibleText text={fact.value} />
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        </section>
      )}
      {detail.kind === 'prompt' && (
        <section>
          <h3>Input</h3>
          {args.length === 0 ? (
            <p className="dim">It takes no input.</p>
          ) : (
            <Table label="Input" dense className="ann args">
              <thead>
                <tr>
                  <th scope="col">Field</th>
                  <th scope="col">Description</th>
                </tr>
              </thead>
              <tbody>
                {args.map((argument) => (
                  <tr key={argument.name}>
                    <td className="mono">
                      <VisibleText text={argument.name} />
                      {argument.isRequired && (
                        <span className="req">
                          {' '}
                          *<span className="sr"> required</span>
                        </span>
                      )}
                    </td>
                    <td>
                      <VisibleText text={argument.description} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )}
        </section>
      )}
    </>
  );
}
