import type { Finding } from '@shared/contract/index.ts';
import { MarkedText } from '../../components/ui/marked-text.tsx';
import { Table } from '../../components/ui/table.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { marksAt } from './finding-marks.ts';
import { parametersOf } from './parameters.ts';

interface ParameterTableProps {
  title: string;
  schema: Readonly<Record<string, unknown>> | undefined;
  /** "unchanged" beside the title. */
  meta?: string;
  /** What to say when the server gives no fields. */
  empty: string;
  findings: readonly Finding[];
  /** JSON Pointer of the schema in the definition. */
  pointer: string;
}

/** A schema as fields a person can read; the exact text is under Full text. */
export function ParameterTable({ title, schema, meta, empty, findings, pointer }: ParameterTableProps) {
  const { rows, isCut } = parametersOf(schema);
  return (
    <section>
      <h3>
        {title}
        {meta && <span className="meta">{meta}</span>}
      </h3>
      {rows.length === 0 ? (
        <p className="dim">{empty}</p>
      ) : (
        <Table label={title} dense className="ann params">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Type</th>
              <th scope="col">Description</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.path}>
                <td className="mono" style={{ paddingLeft: 14 + row.depth * 16 }}>
                  <MarkedText text={row.name} marks={marksAt(findings, `${pointer}${row.pointer}`, true)} />
                  {row.isRequired && (
                    <span className="req">
                      {' '}
                      *<span className="sr"> required</span>
                    </span>
                  )}
                </td>
                <td>
                  <VisibleText text={row.type} />
                </td>
                <td>
                  <MarkedText
                    text={row.description}
                    marks={marksAt(findings, `${pointer}${row.pointer}/description`)}
                  />
                  {row.notes.length > 0 && (
                    <div className="meta">
                      <VisibleText text={row.notes.join(' · ')} />
                    </div>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {isCut && <p className="meta mt-1">There is more than fits here. Full text shows everything.</p>}
    </section>
  );
}
