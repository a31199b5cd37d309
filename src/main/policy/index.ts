/** Entry of the policy room: the gate, profiles and `decide()`. */
export { type AnsweredOffer, answerFor } from './answers.ts';
export { type ArgumentCheck, type ArgumentVerdict, createArgumentCheck } from './argument-check.ts';
export { loadJsonPaths } from './argument-tests.ts';
export { createDayCounts, type DayCounts, type DayCountsOptions } from './day-counts.ts';
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
export { editedPolicy } from './edit-policy.ts';
export { createGate, type Gate, type GateOptions, type GateTimers, type Pause, pauseFor } from './gate.ts';
export type { Counted, CountNow } from './limit-stage.ts';
export { LoopWatch, markOf } from './loops.ts';
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
export { layerOf, NO_RULES, type RuleLayer, type RuleList } from './rule-layers.ts';
export { ruleText } from './rules.ts';
export { createSnapshots, type SnapshotRooms, type Snapshots } from './snapshot.ts';
