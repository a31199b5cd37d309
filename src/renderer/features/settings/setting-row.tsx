import type { ReactNode } from 'react';

interface SettingRowProps {
  title: string;
  /** What it means, in one sentence. */
  note?: ReactNode;
  children: ReactNode;
}

export function SettingRow({ title, note, children }: SettingRowProps) {
  return (
    <div className="set">
      <div className="grow">
        <b>{title}</b>
        {note && <p>{note}</p>}
      </div>
      {children}
    </div>
  );
}

export function SettingGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <div className="panel">{children}</div>
    </section>
  );
}
