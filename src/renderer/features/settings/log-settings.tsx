import { Button } from '../../components/ui/button.tsx';
import { CopyButton } from '../../components/ui/command-block.tsx';
import { Status } from '../../components/ui/status.tsx';
import { ago, count, duration } from '../../lib/format.ts';
import { useStatus } from '../../lib/gate.ts';
import { useVerifyLog } from '../../lib/use-verify-log.ts';
import { SettingGroup, SettingRow } from './setting-row.tsx';

function ChainRow() {
  const status = useStatus();
  const verify = useVerifyLog();
  const result = verify.data;
  const checkedAt = status?.log.checkedAt ?? null;
  const note = verify.error
    ? `It could not be checked. ${verify.error.message}`
    : result
      ? result.ok
        ? `${count(result.entries)} entries checked in ${duration(result.durationMs)}. Nothing was changed.`
        : (result.problem ?? `The chain breaks at entry ${count(result.firstBadSeq ?? 0)}.`)
      : checkedAt === null
        ? 'Every entry is chained to the one before it, so a change from outside shows.'
        : `Checked ${ago(checkedAt)}. Every entry is chained to the one before it.`;
  const isIntact = result?.ok ?? status?.log.intact ?? null;
  return (
    <SettingRow title="Activity log" note={<span role="status">{note}</span>}>
      <Status kind={isIntact === null ? 'idle' : isIntact ? 'ok' : 'problem'}>
        {isIntact === null ? 'Not checked' : isIntact ? 'Intact' : 'Changed from outside'}
      </Status>
      <Button busy={verify.isPending} onClick={() => verify.mutate(undefined)}>
        Check now
      </Button>
    </SettingRow>
  );
}

export function LogSettings() {
  const status = useStatus();
  return (
    <SettingGroup title="Log and files">
      <ChainRow />
      {status && (
        <SettingRow title="Data folder" note={<span className="mono">{status.dataDir}</span>}>
          <CopyButton text={status.dataDir} label="Copy path" />
        </SettingRow>
      )}
      {status && (
        <SettingRow title="Version" note={`Gatehouse ${status.version}, process ${status.pid}, ${status.platform}`}>
          {null}
        </SettingRow>
      )}
    </SettingGroup>
  );
}
