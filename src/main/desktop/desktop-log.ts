/** The part of a logger the desktop front uses. Facts never hold a secret. */
export interface DesktopLog {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
