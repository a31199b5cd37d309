/** Entry of the policy room: the gate, profiles and `decide()`. */
export { type ArgumentCheck, type ArgumentVerdict, createArgumentCheck } from './argument-check.ts';
export {
  type AppIdentity,
  type CallAttempt,
  type Decision,
  type DecisionClock,
  decide,
  heldRefusal,
  type PolicySnapshot,
  pausedRefusal,
  type Refusal,
  shortName,
} from './decide.ts';
export { createGate, type Gate, type GateOptions, type GateTimers, type Pause, pauseFor } from './gate.ts';
export {
  createProfiles,
  type HeldPolicy,
  type PolicyReading,
  type Profile,
  type Profiles,
  type ProfilesOptions,
  readPolicy,
} from './profiles.ts';
export { type AskedCall, type AskReason, type AskScope, type Grant, grantFor, keyOf } from './question.ts';
