import { Note } from '../../components/ui/banner.tsx';

/** An action that did not happen, where it was asked for; the code is folded. */
export function FailureNote({ title, error }: { title: string; error: Error }) {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return (
    <div role="alert">
      <Note tone="brick" icon="warn">
        <b>{title}</b>
        <p className="dim">{error.message}</p>
        <details className="tech mt-1">
          <summary>Technical details</summary>
          <code>{code}</code>
        </details>
      </Note>
    </div>
  );
}
