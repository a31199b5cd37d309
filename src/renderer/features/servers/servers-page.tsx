import { Page } from '../../shell/page.tsx';

export function ServersPage() {
  return <Page title="Servers">{null}</Page>;
}
