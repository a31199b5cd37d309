export { ServerPage } from './server-page.tsx';
export { ServersPage } from './servers-page.tsx';
