import { Note } from '../../components/ui/banner.tsx';
import { CopyButton } from '../../components/ui/command-block.tsx';

/** A fresh token, in the one moment it can be read. */
export function TokenOnce({ token, endpoint }: { token: string; endpoint: string }) {
  return (
    <>
      <dl className="kv tokens">
        <dt>Address</dt>
        <dd className="row g6">
          <code className="grow">{endpoint}</code>
          <CopyButton text={endpoint} label="Copy address" />
        </dd>
        <dt>Token</dt>
        <dd className="row g6">
          <code className="grow token">{token}</code>
          <CopyButton text={token} label="Copy token" />
        </dd>
      </dl>
      <div className="mt-3">
        <Note tone="brass" icon="key">
          <b>This token is shown once.</b> Gatehouse keeps only its fingerprint. Whoever has it can use what this app
          may use; if it gets lost, give the app a new one.
        </Note>
      </div>
    </>
  );
}
