/** How a driver process learns of the running Gatehouse: names of environment variables. */
export const driverEnvironment = {
  dataDir: 'CONFORMANCE_DATA_DIR',
  /** The `/mcp` address. */
  endpoint: 'CONFORMANCE_ENDPOINT',
  /** An app's token. */
  token: 'CONFORMANCE_TOKEN',
} as const;
