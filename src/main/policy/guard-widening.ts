/** Which of two settings of the guards lets more through. Pure. */
import type { GuardPolicy } from '../guards/index.ts';

type Setting = keyof GuardPolicy;

/** Each setting's values, strictest first. */
const ORDER: { readonly [Key in Setting]: readonly GuardPolicy[Key][] } = {
  secretsInArguments: ['block', 'redact', 'ask', 'allow'],
  secretsInResults: ['block', 'redact', 'allow'],
  storedSecretsInResults: ['block', 'redact', 'allow'],
  toxicFlow: ['ask', 'allow'],
};

/** What a profile has that says nothing about guards. */
export const USUAL_GUARDS: GuardPolicy = {
  secretsInArguments: 'ask',
  secretsInResults: 'allow',
  storedSecretsInResults: 'redact',
  toxicFlow: 'ask',
};

const WIDER: Readonly<Record<Setting, string>> = {
  secretsInArguments: 'secrets in arguments',
  secretsInResults: 'secrets in results',
  storedSecretsInResults: "values of Gatehouse's own vault in results",
  toxicFlow: 'flows from untrusted content and private data outward',
};

const isWider = <Key extends Setting>(key: Key, a: GuardPolicy[Key], b: GuardPolicy[Key]): boolean =>
  ORDER[key].indexOf(a) > ORDER[key].indexOf(b);
const stricter = <Key extends Setting>(key: Key, a: GuardPolicy, b: GuardPolicy): GuardPolicy[Key] =>
  isWider(key, a[key], b[key]) ? b[key] : a[key];

/** Setting by setting the one that lets less through. */
export function stricterGuards(a: GuardPolicy, b: GuardPolicy): GuardPolicy {
  return {
    secretsInArguments: stricter('secretsInArguments', a, b),
    secretsInResults: stricter('secretsInResults', a, b),
    storedSecretsInResults: stricter('storedSecretsInResults', a, b),
    toxicFlow: stricter('toxicFlow', a, b),
  };
}

/** One sentence for each setting of `wanted` that lets more through. */
export function widerGuards(profile: string, wanted: GuardPolicy, before: GuardPolicy): string[] {
  return (Object.keys(ORDER) as Setting[]) // its keys are those of the type
    .filter((key) => isWider(key, wanted[key], before[key]))
    .map((key) => `The profile ${profile} would ${wanted[key]} ${WIDER[key]} (now: ${before[key]}).`);
}
