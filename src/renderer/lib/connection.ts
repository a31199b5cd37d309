import { createStore } from './store.ts';

/** Whether this page talks to the Gatehouse process. Says nothing about the gate itself. */
export type ConnectionState = 'connecting' | 'connected' | 'lost';

export const connection = createStore<ConnectionState>('connecting');
