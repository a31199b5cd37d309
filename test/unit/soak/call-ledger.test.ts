import { describe, expect, it } from 'vitest';
import { compareWithLog, type LoggedCall, markOf, type SentCall } from '../../soak/call-ledger.ts';

const sent = (number: number, rest: Partial<SentCall> = {}): SentCall => ({
  mark: markOf('one-modern', number),
  server: 'raw',
  leaving: 'stays',
  surelyArrived: true,
  ...rest,
});
const logged = (number: number, status = 'done'): LoggedCall => ({
  status,
  code: null,
  argumentsJson: JSON.stringify({ message: markOf('one-modern', number) }),
});

describe('The ledger of the soak', () => {
  it('is content when every call that arrived has one closed record', () => {
    const calls = [
      sent(1),
      sent(2, { leaving: 'cancels' }),
      sent(3, { leaving: 'aborts-early', surelyArrived: false }),
    ];
    const report = compareWithLog(calls, [logged(1), logged(2, 'cancelled')]);
    expect(report).toMatchObject({ sent: 3, recorded: 2, neverArrived: 1, problems: [] });
    expect(report.byStatus).toEqual({ done: 1, cancelled: 1 });
  });

  it('names a call that arrived and has no record', () => {
    expect(compareWithLog([sent(1)], []).problems).toEqual([
      'soak-one-modern#1 (stays) reached the gateway and is not recorded.',
    ]);
  });

  it('names a record that is open, one that is there twice and one that belongs to no call', () => {
    const { problems } = compareWithLog([sent(1), sent(2)], [logged(1, 'running'), logged(2), logged(2), logged(3)]);
    expect(problems).toEqual([
      'soak-one-modern#1 is still recorded as running.',
      'soak-one-modern#2 was sent once and is recorded 2 times.',
      'soak-one-modern#3 is recorded and was never sent.',
    ]);
  });
});
