import { GateMark, type GateMarkState } from '../components/icon/gate-mark.tsx';
import { StatusShape } from '../components/icon/status-shape.tsx';
import { Switch } from '../components/ui/switch.tsx';
import { classNames } from '../lib/class-names.ts';
import { connection } from '../lib/connection.ts';
import { plural } from '../lib/format.ts';
import { pauseEnd, useGateControl, useStatus } from '../lib/gate.ts';
import { ariaShortcut } from '../lib/platform.ts';
import { useStore } from '../lib/store.ts';

interface Face {
  state: GateMarkState;
  title: string;
  fact: string;
}

function useFace(): Face {
  const status = useStatus();
  const link = useStore(connection);
  if (link === 'lost') return { state: 'problem', title: 'Not connected', fact: 'Gatehouse does not answer' };
  if (!status) return { state: 'open', title: 'Gatehouse', fact: 'Connecting' };
  if (status.endpoint === null) {
    return { state: 'problem', title: 'Gate is down', fact: 'Nothing gets through' };
  }
  if (status.gate.paused) return { state: 'paused', title: 'Paused', fact: pauseEnd(status.gate.until) };
  const pausedApps = Object.keys(status.gate.apps).length;
  if (pausedApps > 0) return { state: 'open', title: 'Gate open', fact: `${plural(pausedApps, 'app')} paused` };
  const usable = status.tools.approved;
  if (usable === 0) {
    const fact = status.servers.total === 0 ? 'Nothing connected yet' : 'No tool can be used yet';
    return { state: 'open', title: 'Gate open', fact };
  }
  return { state: 'open', title: 'Gate open', fact: `${plural(usable, 'tool')} can be used` };
}

/** The switch never moves: top left on every screen. */
export function GateControl() {
  const face = useFace();
  const isKnown = useStatus() !== undefined;
  const { pause, resume, isBusy } = useGateControl();
  const isOpen = face.state === 'open';
  return (
    <section
      className={classNames(
        'gatectl',
        face.state === 'paused' && 'is-paused',
        face.state === 'problem' && 'is-problem',
      )}
      aria-label="Gate"
      data-region="gate"
    >
      <GateMark state={face.state} size={26} />
      <strong>{face.title}</strong>
      {face.state === 'problem' ? (
        <StatusShape kind="problem" />
      ) : (
        <Switch
          on={isOpen && isKnown}
          label="Gate open"
          tone={isOpen ? 'moss' : 'paused'}
          disabled={isBusy || !isKnown}
          aria-keyshortcuts={ariaShortcut('mod', 'Shift', 'P')}
          onChange={(on) => (on ? resume({}) : pause({}))}
        />
      )}
      <small className="cut" title={face.fact}>
        {face.fact}
      </small>
      <span className="sr" role="alert">
        {isKnown && `${face.title}. ${face.fact}.`}
      </span>
    </section>
  );
}
