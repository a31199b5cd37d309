/** Gathers what the tray shows from the app behind it, and says when it changed. */
import type { Confirmation, GatehouseEvent } from '@shared/contract/index.ts';
import type { DesktopBackend } from './gatehouse-app.ts';
import { RecentCalls } from './recent-calls.ts';
import type { TrayApp, TrayState } from './tray-view.ts';

export interface TrayFeedParts {
  readonly backend: Pick<DesktopBackend, 'status' | 'onEvent' | 'client'>;
  readonly clock: () => number;
  readonly show: (state: TrayState) => void;
  readonly failed: (error: unknown) => void;
}

/** Calls move the one line of figures in the menu; that may lag, everything else is shown at once. */
const figuresLagMs = 10_000;

/**
 * Follows the app's events. Bursts become one `show`; call figures follow within ten seconds and age out by the minute.
 */
export class TrayFeed implements Disposable {
  readonly #parts: TrayFeedParts;
  readonly #recent = new RecentCalls();
  readonly #waiting = new Map<string, Confirmation>();
  readonly #stop = new DisposableStack();
  #apps: readonly TrayApp[] = [];
  #port = 0;
  #pausedSince: number | null = null;
  #scheduled: NodeJS.Immediate | undefined;
  #figures: NodeJS.Timeout | undefined;

  constructor(parts: TrayFeedParts) {
    this.#parts = parts;
  }

  /** Reads what is there and follows what comes. Shows the first state before it resolves. */
  async start(): Promise<void> {
    this.#stop.use(this.#parts.backend.onEvent((event) => this.#take(event)));
    const tray = this.#parts.backend.client('tray');
    const [confirmations, settings] = await Promise.all([tray.confirmations.list(), tray.settings.get()]);
    for (const confirmation of confirmations) this.#takeConfirmation(confirmation);
    this.#port = settings.port;
    await this.#readApps();
    this.refresh();
  }

  /** Shows the state as it is now. */
  refresh(): void {
    const { backend, clock, show } = this.#parts;
    const status = backend.status();
    if (status.gate.since !== this.#pausedSince) {
      this.#pausedSince = status.gate.since;
      this.#recent.restartPause();
    }
    const recentCalls = this.#recent.inLastTenMinutes(clock());
    if (recentCalls > 0) this.#refreshFiguresLater(60_000);
    show({
      status,
      port: this.#port,
      waiting: [...this.#waiting.values()].toSorted((a, b) => a.at - b.at),
      apps: this.#apps,
      recentCalls,
      refusedWhilePaused: this.#recent.refusedWhilePaused,
    });
  }

  #take(event: GatehouseEvent): void {
    switch (event.type) {
      case 'calls':
        this.#recent.note(event.calls, this.#parts.clock());
        this.#refreshFiguresLater(figuresLagMs);
        return;
      case 'server-log':
        return;
      case 'confirmation':
        this.#takeConfirmation(event.confirmation);
        break;
      case 'settings':
        this.#port = event.settings.port;
        break;
      case 'apps':
        void this.#readApps().then(() => this.#refreshSoon(), this.#parts.failed);
        return;
      default:
        break;
    }
    this.#refreshSoon();
  }

  #takeConfirmation(confirmation: Confirmation): void {
    if (confirmation.state === 'waiting') this.#waiting.set(confirmation.id, confirmation);
    else this.#waiting.delete(confirmation.id);
  }

  async #readApps(): Promise<void> {
    const apps = await this.#parts.backend.client('tray').apps.list();
    this.#apps = apps.filter((app) => app.revokedAt === null).map(({ id, name }) => ({ id, name }));
  }

  #refreshSoon(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.refresh();
    });
  }

  #refreshFiguresLater(delayMs: number): void {
    if (this.#figures) return;
    this.#figures = setTimeout(() => {
      this.#figures = undefined;
      this.refresh();
    }, delayMs);
    this.#figures.unref();
  }

  [Symbol.dispose](): void {
    this.#stop.dispose();
    clearImmediate(this.#scheduled);
    clearTimeout(this.#figures);
  }
}
