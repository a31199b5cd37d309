import { describe, expect, it } from 'vitest';
import { callSentence, kindOfCall, onWhatOf } from '../../../src/renderer/lib/call-words.ts';

const uri = 'demo://resource/static/document/architecture.md';
const template = 'demo://resource/dynamic/text/{resourceId}';

describe('What a call was about', () => {
  it('a call of a tool shows its arguments as they are', () => {
    const call = { method: 'tools/call', tool: 'echo', onWhat: 'echo, hello' };
    expect([kindOfCall(call), onWhatOf(call), callSentence(call)]).toEqual(['tool', 'echo, hello', null]);
  });

  it('a resource is read, and its address does not stand twice', () => {
    const call = { method: 'resources/read', tool: uri, onWhat: uri };
    expect([kindOfCall(call), onWhatOf(call)]).toEqual(['resource', 'Read']);
    expect(callSentence(call)).toBe('It asked to read a resource.');
  });

  it('an address the log shortened is known again by its beginning', () => {
    expect(onWhatOf({ method: 'resources/subscribe', tool: `${uri}?a=b…`, onWhat: `${uri.slice(0, 30)}…` })).toBe(
      'Watch',
    );
  });

  it('a prompt keeps what it was filled with', () => {
    const call = { method: 'prompts/get', tool: 'args-prompt', onWhat: 'args-prompt, Bonn' };
    expect([kindOfCall(call), onWhatOf(call)]).toEqual(['prompt', 'Fetch, Bonn']);
  });

  it('suggestions name the input they are for, and what it belongs to', () => {
    const call = { method: 'completion/complete', tool: template, onWhat: `${template}, resourceId, ref/resource` };
    expect([kindOfCall(call), onWhatOf(call)]).toEqual(['template', 'Suggestions for resourceId']);
    expect(kindOfCall({ method: 'completion/complete', onWhat: 'args-prompt, city, ref/prompt' })).toBe('prompt');
  });
});
