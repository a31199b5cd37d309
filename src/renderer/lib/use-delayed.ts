import { useEffect, useState } from 'react';

/** Becomes true after `ms` of being active: a wait shorter than that shows nothing. Waits anew when `about` changes. */
export function useDelayed(ms: number, about = ''): boolean {
  const [due, setDue] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setDue(about), ms);
    return () => clearTimeout(timer);
  }, [ms, about]);
  return due === about;
}
