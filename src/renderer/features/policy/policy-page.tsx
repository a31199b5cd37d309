import { useNavigate, useSearch } from '@tanstack/react-router';
import { Banner } from '../../components/ui/banner.tsx';
import { Segmented } from '../../components/ui/choice.tsx';
import { ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { Page } from '../../shell/page.tsx';
import { ProfilesTab } from './profiles-tab.tsx';
import { RulesTab } from './rules-tab.tsx';
import { usePolicy } from './use-policy.ts';

export function PolicyPage() {
  const navigate = useNavigate();
  const { tab, profile } = useSearch({ from: '/policy' });
  const { policy, error, isPending, refetch, isBusy, change } = usePolicy();
  const shown = tab === 'rules' ? 'rules' : 'profiles';
  const problem = policy?.problem;
  return (
    <Page
      title="Profiles & rules"
      fill
      actions={
        <Segmented
          label="What to look at"
          value={shown}
          onChange={(next) => void navigate({ to: '/policy', search: { tab: next }, replace: true })}
          options={[
            { value: 'profiles', label: <Counted word="Profiles" count={policy?.profiles.length} />, name: 'Profiles' },
            { value: 'rules', label: <Counted word="Rules" count={policy?.rules.length} />, name: 'Rules' },
          ]}
        />
      }
    >
      {isPending && <Skeleton label="Reading policy.json" />}
      {error && !policy && (
        <ErrorState title="The profiles and rules cannot be read" error={error} onRetry={refetch}>
          What held before goes on to hold.
        </ErrorState>
      )}
      {problem && (
        <div className="pheld">
          <Banner
            tone="brick"
            title={`policy.json, line ${problem.line}, column ${problem.column}: ${problem.message}`}
          >
            Gatehouse goes on with what it read last. Nothing can be changed here until the file is corrected.
          </Banner>
        </div>
      )}
      {policy && policy.held.length > 0 && (
        <div className="pheld">
          <Banner tone="brass" title="policy.json allows more than you accepted">
            {policy.held.join(' ')} That part waits for you on Home; nothing can be changed here until then.
          </Banner>
        </div>
      )}
      {policy &&
        (shown === 'rules' ? (
          <RulesTab policy={policy} isBusy={isBusy} change={change} />
        ) : (
          <ProfilesTab policy={policy} selected={profile} isBusy={isBusy} change={change} />
        ))}
    </Page>
  );
}

function Counted({ word, count }: { word: string; count: number | undefined }) {
  return (
    <>
      {word} {count !== undefined && <span className="n">{count}</span>}
    </>
  );
}
