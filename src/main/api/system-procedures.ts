import { ORPCError } from '@orpc/server';
import type { GatehouseEvent } from '@shared/contract/index.ts';
import type { ContractImplementer } from './base.ts';
import { examine } from './doctor.ts';
import type { Services } from './services.ts';

export function systemProcedures(base: ContractImplementer, services: Services) {
  return {
    status: base.system.status.handler(() => services.status.read()),
    events: base.system.events.handler(async function* ({ signal }): AsyncGenerator<GatehouseEvent> {
      // Subscribed before the first state is read, so that nothing falls between the two.
      const later = services.events.subscribe(signal);
      yield { type: 'status', status: services.status.read() };
      yield* later;
    }),
    doctor: base.system.doctor.handler(({ signal }) => examine(services, signal)),
    consoleLogin: base.system.consoleLogin.handler(() => {
      const url = services.consoleLogin();
      if (url === null) {
        throw new ORPCError('FAILED', { message: 'There is no console here: the desktop app has its window instead.' });
      }
      return { url };
    }),
    movePort: base.system.movePort.handler(async ({ input }) => {
      await services.movePort(input.port);
      return services.status.read();
    }),
  };
}
