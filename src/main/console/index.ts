/** Entry of the console room (headless only): the renderer and the contract on loopback, behind a one-time login. */
export { type Console, type ConsoleOptions, openConsole } from './console.ts';
