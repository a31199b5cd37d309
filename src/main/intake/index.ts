/** Entry of the intake room: the way of a server from servers.json through approval to searchable tools. */
export { createIntake, type Intake, type IntakeOptions } from './intake.ts';
