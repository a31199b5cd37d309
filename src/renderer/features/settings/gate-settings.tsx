import type { Settings } from '@shared/contract/index.ts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CopyButton } from '../../components/ui/command-block.tsx';
import { Select } from '../../components/ui/select.tsx';
import { toastDone } from '../../components/ui/toast.tsx';
import { api, queryClient } from '../../lib/client.ts';
import { count, duration } from '../../lib/format.ts';
import { useStatus } from '../../lib/gate.ts';
import { SettingGroup, SettingRow } from './setting-row.tsx';

const timeouts = [30_000, 60_000, 120_000, 300_000, 600_000, 3_600_000];
const limits = [5000, 20_000, 50_000, 200_000];

/** The offered values, and the one that is set when a file says something else. */
function offered(values: readonly number[], current: number): number[] {
  return [...new Set([...values, current])].sort((a, b) => a - b);
}

function PortRow({ port }: { port: number }) {
  const [draft, setDraft] = useState(String(port));
  const move = useMutation(
    api.system.movePort.mutationOptions({
      onSuccess: (status) => {
        queryClient.setQueryData(api.system.status.queryKey(), status);
        if (status.port !== null) toastDone(`The gate listens on port ${status.port} now.`);
      },
    }),
  );
  const wanted = Number(draft);
  const isPort = /^\d+$/.test(draft) && wanted >= 1024 && wanted <= 65_535;
  return (
    <SettingRow
      title="Port"
      note={
        move.error ? (
          <span className="c-brick">The gate did not move. {move.error.message}</span>
        ) : isPort || draft === '' ? (
          'On 127.0.0.1 only. AI apps that were given the old address need the new one.'
        ) : (
          <span className="c-brick">A port is a number from 1024 to 65535.</span>
        )
      }
    >
      <input
        className={`input num${isPort ? '' : ' bad'}`}
        style={{ width: 84 }}
        aria-label="Port"
        aria-invalid={!isPort}
        inputMode="numeric"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
      />
      <Button disabled={!isPort || wanted === port} busy={move.isPending} onClick={() => move.mutate({ port: wanted })}>
        {isPort && wanted !== port ? `Move to ${wanted}` : 'Move'}
      </Button>
    </SettingRow>
  );
}

export function GateSettings({ settings, change }: { settings: Settings; change: (next: Partial<Settings>) => void }) {
  const status = useStatus();
  return (
    <>
      <SettingGroup title="Where AI apps find the gate">
        <SettingRow title="Address" note={<span className="mono">{status?.endpoint ?? 'Not listening'}</span>}>
          {status?.endpoint && <CopyButton text={status.endpoint} label="Copy address" />}
        </SettingRow>
        <PortRow key={settings.port} port={settings.port} />
      </SettingGroup>
      <SettingGroup title="Calls">
        <SettingRow title="A call may take" note="Without a sign of progress. Then it ends and the agent is told.">
          <Select
            label="A call may take"
            value={String(settings.callTimeoutMs)}
            options={offered(timeouts, settings.callTimeoutMs).map((ms) => ({
              value: String(ms),
              label: duration(ms),
            }))}
            onChange={(value) => change({ callTimeoutMs: Number(value) })}
          />
        </SettingRow>
        <SettingRow
          title="Longest answer given at once"
          note="A longer result is kept whole, and the agent reads it page by page."
        >
          <Select
            label="Longest answer given at once"
            width={180}
            value={String(settings.resultLimit)}
            options={offered(limits, settings.resultLimit).map((characters) => ({
              value: String(characters),
              label: `${count(characters)} characters`,
            }))}
            onChange={(value) => change({ resultLimit: Number(value) })}
          />
        </SettingRow>
      </SettingGroup>
    </>
  );
}
