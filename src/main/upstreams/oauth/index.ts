/** Sign-ins at remote servers. The SDK's OAuth code is loaded with the first of them. */
import { systemTimers } from '../timers.ts';
import { SignIns, type SignInsOptions } from './sign-ins.ts';

export { isSignInOf, isSignInSecret, type SignInVault } from './kept-sign-in.ts';
export type { SignInState } from './server-authorization.ts';
export type { SignIns, StartedSignIn } from './sign-ins.ts';

/** @param options.clock milliseconds since epoch; ignored with `timers` */
export function createSignIns(
  options: Omit<SignInsOptions, 'timers'> & Partial<Pick<SignInsOptions, 'timers'>> & { readonly clock: () => number },
): SignIns {
  return new SignIns({ ...options, timers: options.timers ?? systemTimers(options.clock) });
}
