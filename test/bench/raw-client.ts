/** A keep-alive client that speaks 2026-07-28 without an SDK, so that the client is not what is measured. */
import { Agent, type IncomingMessage, request } from 'node:http';

const VERSION = '2026-07-28';

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export interface CallAnswer {
  readonly isError?: boolean;
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly tools?: readonly unknown[];
}

/** One client with its own sockets. A wrong answer rejects, so that it can never count as a fast one. */
export class RawClient implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #url: URL;
  readonly #token: string | undefined;
  #lastId = 0;

  constructor(url: string, token?: string) {
    this.#url = new URL(url);
    this.#token = token;
  }

  send(method: string, params: Record<string, unknown>): Promise<CallAnswer> {
    const id = ++this.#lastId;
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': VERSION,
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
        },
      },
    });
    const named = typeof params.name === 'string' ? { 'mcp-name': params.name } : {};
    return new Promise((resolve, reject) => {
      const call = request(
        this.#url,
        {
          agent: this.#agent,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': VERSION,
            'mcp-method': method,
            ...named,
            ...(this.#token && { authorization: `Bearer ${this.#token}` }),
          },
        },
        (response) => {
          bodyOf(response).then((text) => {
            const json = response.headers['content-type']?.startsWith('text/event-stream') ? lastEvent(text) : text;
            const frame = JSON.parse(json);
            if (frame.id !== id || frame.result === undefined || frame.result.isError === true) {
              reject(new Error(`Wrong answer with status ${response.statusCode}: ${text.slice(0, 300)}`));
            } else resolve(frame.result);
          }, reject);
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  }

  async echo(text: string): Promise<void> {
    const result = await this.send('tools/call', { name: 'echo', arguments: { text } });
    if (result.content?.[0]?.text !== text) throw new Error('The echo came back changed.');
  }

  async blob(bytes: number): Promise<void> {
    const result = await this.send('tools/call', { name: 'blob', arguments: { bytes } });
    if (result.content?.[0]?.text?.length !== bytes) throw new Error('The blob came back with another length.');
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function lastEvent(stream: string): string {
  const data = stream
    .split('\n')
    .filter((line) => line.startsWith('data:') && line.length > 6)
    .map((line) => line.slice(5).trim());
  return data.at(-1) ?? '';
}
