import { iconShapes } from './icon-shapes.tsx';

export type IconName = keyof typeof iconShapes;

interface IconProps {
  name: IconName;
  /** 12, 14, 16 (default) or 20 px. */
  size?: 'xs' | 's' | 'm' | 'l';
  className?: string;
}

/** A drawn sign beside words. It never carries meaning alone, so it is hidden from screen readers. */
export function Icon({ name, size = 'm', className }: IconProps) {
  const classes = ['i', size === 'm' ? '' : size, className ?? ''].filter(Boolean).join(' ');
  return (
    <svg className={classes} viewBox="0 0 16 16" aria-hidden="true">
      {iconShapes[name]}
    </svg>
  );
}
