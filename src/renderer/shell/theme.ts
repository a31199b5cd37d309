import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../lib/client.ts';
import { singleKeysOn } from '../lib/use-keys.ts';

/** Applies the preferences that concern the whole page. */
export function usePreferences(): void {
  const settings = useQuery(api.settings.get.queryOptions()).data;
  const theme = settings?.theme ?? 'system';
  const singleKeys = settings?.singleKeyShortcuts ?? true;
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => singleKeysOn.set(singleKeys), [singleKeys]);
}
