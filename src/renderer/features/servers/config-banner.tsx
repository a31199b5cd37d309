import type { ConfigProblem } from '@shared/contract/index.ts';
import { Banner } from '../../components/ui/banner.tsx';
import { CopyButton } from '../../components/ui/command-block.tsx';

/** servers.json does not parse: what broke, where, and what still works. */
export function ConfigBanner({ problem }: { problem: ConfigProblem }) {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  return (
    <Banner
      tone="brick"
      title={`servers.json cannot be read: line ${problem.line}, column ${problem.column}`}
      action={<CopyButton text={place} label="Copy file, line and column" />}
    >
      {problem.message}. Gatehouse keeps the servers of the last good state and changes nothing in{' '}
      <span className="mono">{problem.file}</span>. Correct the file; it is read again as soon as it is saved.
    </Banner>
  );
}
