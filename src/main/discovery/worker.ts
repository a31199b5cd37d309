/** Entry of the index worker: keeps prepared tools per server, rebuilds the index off the main thread, answers searches. */
import { parentPort } from 'node:worker_threads';
import { IndexKeeper } from './index-keeper.ts';
import type { Reply, Request } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('The discovery worker runs as a worker thread only; start Gatehouse instead.');

const keeper = new IndexKeeper();
const reply = (message: Reply): void => port.postMessage(message);

async function answer(request: Request): Promise<void> {
  switch (request.type) {
    case 'search':
      reply({ type: 'found', number: request.number, hits: keeper.search(request.query) });
      break;
    case 'update': {
      const { tools, buildMs } = await keeper.update(request.servers);
      reply({ type: 'updated', number: request.number, tools, buildMs });
      break;
    }
  }
}

port.on('message', (request: Request) => {
  answer(request).catch((error: unknown) => {
    reply({ type: 'failed', number: request.number, message: error instanceof Error ? error.message : String(error) });
  });
});
