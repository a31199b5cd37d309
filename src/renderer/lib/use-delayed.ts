import { useEffect, useState } from 'react';

/** Becomes true after `ms` of being active: a wait shorter than that shows nothing. */
export function useDelayed(ms: number): boolean {
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isDue;
}
