import type { Services } from './services.ts';

const PROBLEM = 'policy-held';

/**
 * Asks a person about what policy.json allows beyond what they accepted, and says so as a problem as long as it is held.
 * A later edit takes the earlier question back.
 */
export function askAboutHeldPolicy({
  profiles,
  confirmations,
  status,
  audit,
  clock,
}: Pick<Services, 'profiles' | 'confirmations' | 'status' | 'audit' | 'clock'>): Disposable {
  let asked: { readonly policy: string; readonly confirmation: string | undefined } | undefined;

  const look = (): void => {
    const held = profiles.held();
    if (held?.id === asked?.policy) return;
    // Also when it was confirmed just now: then it no longer waits, and this does nothing.
    if (asked?.confirmation !== undefined) confirmations.deny(asked.confirmation);
    asked = undefined;
    if (!held) {
      status.clearProblem(PROBLEM);
      return;
    }
    const request = confirmations.request({
      by: 'file',
      action: 'policy.accept',
      summary: 'policy.json was edited and allows AI apps more than you accepted.',
      facts: held.wider.map((value, at) => ({ label: at === 0 ? 'Would change' : `And (${at + 1})`, value })),
      perform: async () => {
        // Recorded first: what the log does not know of must not open anything.
        audit.note({ at: clock(), actor: 'file', action: 'policy.accept', subject: 'policy.json', facts: { ...held } });
        profiles.accept(held.id);
      },
    });
    asked = { policy: held.id, confirmation: request?.id };
    status.setProblem({
      id: PROBLEM,
      severity: 'limited',
      title: 'policy.json allows more than you accepted',
      detail: `${held.wider.join(' ')} Until you accept it, the rest of the file holds and this part does not.`,
      nextStep: 'Confirm it on Home in the window or console, or take the edit back. After a no, a restart asks again.',
    });
  };

  look();
  return profiles.onChange(look);
}
