import { expect, it } from 'vitest';
import { type Frame, readFrame } from '../../../src/main/cli/stdio/message.ts';
import { Questions } from '../../../src/main/cli/stdio/questions.ts';

function frame(text: string): Frame {
  const read = readFrame(text);
  if (!read) throw new Error(`${text} is no message`);
  return read;
}
const ask = (id: string) => frame(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);

it('takes one answer for each question, and none for what was not asked', () => {
  const questions = new Questions();
  questions.heard(ask('1'), {});
  expect(questions.answered('1')).toBe(false);
  expect(questions.answered(1)).toBe(true);
  expect(questions.answered(1)).toBe(false);
});

it('withdraws the questions of one asker, with their ids as they were written', () => {
  const questions = new Questions();
  const call = {};
  questions.heard(ask('"a"'), call);
  questions.heard(ask('12345678901234567890'), {});
  expect(questions.withdraw(call).map((line) => JSON.parse(line))).toMatchObject([{ params: { requestId: 'a' } }]);
  const [last] = questions.withdraw();
  expect(last).toContain('"requestId":12345678901234567890,');
  expect(questions.withdraw()).toEqual([]);
});

it('keeps a bounded number of questions', () => {
  const questions = new Questions();
  for (let id = 0; id < 5_000; id += 1) questions.heard(ask(String(id)), {});
  expect(questions.withdraw()).toHaveLength(1_000);
});
