import { useEffect, useRef, useState } from 'react';

/** A search starts when the typing rests this long. */
const restMs = 200;

/**
 * What stands in the search field, and what is searched for: the second follows the first when the typing rests, and
 * the first follows the second when it is set from elsewhere, such as a link.
 */
export function useSearchWords(
  searched: string | undefined,
  onSearch: (words: string | undefined) => void,
): [words: string, setWords: (words: string) => void] {
  const [words, setWords] = useState(searched ?? '');
  const sent = useRef(searched);
  useEffect(() => {
    // Our own words coming back must not take away what was typed since.
    if (searched !== sent.current) setWords(searched ?? '');
    sent.current = searched;
  }, [searched]);
  useEffect(() => {
    const wanted = words.trim() || undefined;
    if (wanted === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = wanted;
      onSearch(wanted);
    }, restMs);
    return () => clearTimeout(timer);
  }, [words, onSearch]);
  return [words, setWords];
}
