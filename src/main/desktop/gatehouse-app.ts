/** What the desktop front needs of the app behind it; `app.ts` builds it, `desktop/` only uses it. */
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract, GatehouseEvent, Status } from '@shared/contract/index.ts';
import type { Actor } from '@shared/words.ts';
import type { MessagePortMain } from 'electron';

export interface DesktopBackend extends AsyncDisposable {
  status(): Status;
  onEvent(listener: (event: GatehouseEvent) => void): Disposable;
  /** The whole contract, in process; every act is recorded as done by `actor`. */
  client(actor: Actor): ContractRouterClient<Contract>;
  /** Answers the contract on a port until it closes. The caller starts the port. */
  attachPort(port: MessagePortMain, actor: Actor): void;
}
