/** Entry of the gateway room: the MCP endpoint agents speak to. */
export { PortTakenError } from './endpoint.ts';
export { type ConnectedApp, createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
