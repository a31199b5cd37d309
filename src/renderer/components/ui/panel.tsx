import type { ComponentProps, ReactNode } from 'react';
import { classNames } from '../../lib/class-names.ts';

interface PanelProps extends Omit<ComponentProps<'section'>, 'title'> {
  title?: ReactNode;
  /** Small fact beside the title. */
  meta?: ReactNode;
  /** Right end of the header. */
  aside?: ReactNode;
}

/** The one panel level: no panels inside panels. */
export function Panel({ title, meta, aside, children, className, ...rest }: PanelProps) {
  return (
    <section {...rest} className={classNames('panel', className)}>
      {title !== undefined && (
        <div className="panel-h">
          <h2>{title}</h2>
          {meta !== undefined && <span className="meta">{meta}</span>}
          <span className="grow" />
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}
