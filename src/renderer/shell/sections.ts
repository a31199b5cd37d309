import type { IconName } from '../components/icon/icon.tsx';

interface Section {
  to: '/' | '/approvals' | '/activity' | '/servers' | '/catalog' | '/apps' | '/policy';
  label: string;
  icon: IconName;
  group: 'watch' | 'manage';
}

/** Top to bottom, which is also their order for ⌘1, ⌘2 … */
export const sections: readonly Section[] = [
  { to: '/', label: 'Home', icon: 'home', group: 'watch' },
  { to: '/approvals', label: 'Approvals', icon: 'approvals', group: 'watch' },
  { to: '/activity', label: 'Activity', icon: 'activity', group: 'watch' },
  { to: '/servers', label: 'Servers', icon: 'server', group: 'manage' },
  { to: '/catalog', label: 'Catalog', icon: 'catalog', group: 'manage' },
  { to: '/apps', label: 'AI apps', icon: 'apps', group: 'manage' },
  { to: '/policy', label: 'Profiles & rules', icon: 'rules', group: 'manage' },
];
