import { Page } from '../../shell/page.tsx';

export function ActivityPage() {
  return <Page title="Activity">{null}</Page>;
}
