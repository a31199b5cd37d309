/**
 * The names that carry one MessagePort from the main process through the preload script to the page.
 * Everything else between the two processes goes through that port, under the contract.
 */

/** Preload → main: the page asks for a port. */
export const connectChannel = 'gatehouse:connect';
/** Main → preload, and preload → page: here is the port. */
export const portMessage = 'gatehouse:port';

/** What the preload script puts on `window`; absent in the headless console's browser page. */
export interface GatehouseBridge {
  /** Asks for a new port; it arrives as a `message` event whose data is `portMessage`. */
  connect: () => void;
  /** `process.platform` of the main process, e.g. `darwin`. */
  readonly platform: string;
}
