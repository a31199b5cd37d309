/**
 * Addresses a server wants the person to open (elicitation with `mode: "url"`). What an app does with one is the app's to
 * get right, so nothing that could run code, read a file or carry credentials goes on to it: https, or http on this
 * computer (2025-11-25 and 2026-07-28, Elicitation, security considerations).
 */
import { isObject, type JsonObject } from './protocol.ts';

/** Characters an address may have; consent pages put their state into it. */
const LONGEST_ADDRESS = 8_192;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Why an address is not passed on, to follow "it"; null when nothing speaks against it. Pure. */
export function addressProblem(address: unknown): string | null {
  if (typeof address !== 'string' || address.length > LONGEST_ADDRESS) return 'asks to open what is no address';
  // A parser drops these silently, so that what a person reads is not what opens.
  if (/[\p{Cc}\p{Cf}\p{Z}\\]/u.test(address)) return 'asks to open an address with hidden or blank characters';
  const url = URL.parse(address);
  if (!url) return 'asks to open what is no address';
  if (url.username !== '' || url.password !== '') return 'asks to open an address that carries a password';
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  return isSafe ? null : `asks to open an address of the kind ${url.protocol.slice(0, 20)}`;
}

/** The same for the params of one question; null also for questions that name no address. */
export function questionProblem(method: string, params: JsonObject): string | null {
  return method === 'elicitation/create' && params.mode === 'url' ? addressProblem(params.url) : null;
}

/** The first problem among the questions of an `input_required` result. */
export function requestsProblem({ inputRequests }: JsonObject): string | null {
  if (!isObject(inputRequests)) return null;
  for (const request of Object.values(inputRequests)) {
    if (!isObject(request) || typeof request.method !== 'string' || !isObject(request.params)) continue;
    const problem = questionProblem(request.method, request.params);
    if (problem !== null) return problem;
  }
  return null;
}

/** True when every address that a `-32042` error wants opened first may be passed on. */
export function mayRelayAddresses(data: unknown): boolean {
  const elicitations = isObject(data) && Array.isArray(data.elicitations) ? data.elicitations : [];
  return elicitations.every((entry) => !isObject(entry) || addressProblem(entry.url) === null);
}
