import { useEffect, useState } from 'react';

/** Long enough that a double press or a hasty second key cannot agree to what was not read. */
const settleMs = 500;

/** False for half a second after what is shown changed. */
export function useSettled(shown: string): boolean {
  const [settled, setSettled] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(shown), settleMs);
    return () => clearTimeout(timer);
  }, [shown]);
  return settled === shown;
}
