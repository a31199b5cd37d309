import { Select as Radix } from 'radix-ui';
import { Icon } from '../icon/icon.tsx';

interface SelectProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
  /** Width in px. */
  width?: number;
  disabled?: boolean;
}

/** One of several named values; for two to four short ones use Segmented. */
export function Select<Value extends string>({
  label,
  value,
  options,
  onChange,
  width = 150,
  disabled,
}: SelectProps<Value>) {
  return (
    // Radix reports plain strings; only values of `options` can come back.
    <Radix.Root value={value} onValueChange={(next) => onChange(next as Value)} disabled={disabled}>
      <Radix.Trigger className="input" style={{ width }} aria-label={label}>
        <span className="grow cut">
          <Radix.Value />
        </span>
        <Icon name="updown" size="s" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" position="popper" sideOffset={4} style={{ minWidth: width }}>
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item key={option.value} value={option.value} className="mi">
                <Radix.ItemText>{option.label}</Radix.ItemText>
                <Radix.ItemIndicator className="end">
                  <Icon name="check" size="s" />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
