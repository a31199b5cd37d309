/** The few fixed words of MCP that this room needs, from the specification. Importing the SDK for them costs 150 ms and 15 MB. */

/** Revision of the modern, stateless era that Gatehouse speaks. */
export const MODERN_VERSION = '2026-07-28';
/** What a server of the legacy era is offered. */
export const LEGACY_OFFER = '2025-11-25';
/** The legacy revisions a server may answer with. */
export const LEGACY_VERSIONS: ReadonlySet<string> = new Set([
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
]);

/** `_meta` keys of the modern envelope. */
export const PROTOCOL_VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_INFO_KEY = 'io.modelcontextprotocol/clientInfo';
export const CLIENT_CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
export const LOG_LEVEL_KEY = 'io.modelcontextprotocol/logLevel';
/** `_meta` key under which a modern server introduces itself. */
export const SERVER_INFO_KEY = 'io.modelcontextprotocol/serverInfo';
