import { Page } from '../../shell/page.tsx';

export function AppsPage() {
  return <Page title="Apps">{null}</Page>;
}
