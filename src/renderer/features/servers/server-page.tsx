import { Page } from '../../shell/page.tsx';

export function ServerPage() {
  return <Page title="Server">{null}</Page>;
}
