import { GateMark } from '../components/icon/gate-mark.tsx';
import { CommandBlock } from '../components/ui/command-block.tsx';
import { isDesktop } from '../lib/platform.ts';

/** The page cannot talk to the Gatehouse process. Nothing it could show would be true. */
export function ConnectionLost() {
  return (
    <>
      <header className="head" data-region="header">
        <h1>Not connected</h1>
      </header>
      <main className="main" data-region="main" tabIndex={-1}>
        <div className="err" role="alert">
          <div className="err-h">
            <span className="c-brick">
              <GateMark state="problem" size={52} />
            </span>
            <div>
              <h2>Gatehouse does not answer</h2>
              <p>
                This window lost the gate process. Either it was stopped, then nothing gets through, or it is still
                running and only this window is cut off. This page tries again by itself.
              </p>
            </div>
          </div>
          <h3 className="mb-2">What you can do</h3>
          {isDesktop ? (
            <p className="dim">Quit Gatehouse from the tray menu and start it again.</p>
          ) : (
            <>
              <p className="dim mb-2">
                Look whether it runs. If it does, open the console address it printed at its start again.
              </p>
              <CommandBlock argv={['gatehouse', 'status']} />
            </>
          )}
        </div>
      </main>
    </>
  );
}
