/**
 * What a server inherits from Gatehouse's own environment: what programs need to find their files, and nothing that
 * could be a secret. After the list of the MCP TypeScript SDK, plus locale, time zone and temporary folders.
 */
const POSIX_NAMES = [
  'HOME',
  'LOGNAME',
  'PATH',
  'SHELL',
  'TERM',
  'USER',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TMPDIR',
  'TZ',
] as const;
const WINDOWS_NAMES = [
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATH',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
] as const;

/**
 * Which certificate authorities are trusted, as paths. Without them nothing on a network that inspects TLS can reach a
 * host, package runners least of all.
 */
const TRUST_NAMES = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
] as const;
/** The way out of the network. Left out when it holds a password. */
const PROXY_NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'] as const;

/** The inherited part of a server's environment. */
export function inheritedEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of [...(platform === 'win32' ? WINDOWS_NAMES : POSIX_NAMES), ...TRUST_NAMES, ...PROXY_NAMES]) {
    const value = own[name];
    if (PROXY_NAMES.some((proxy) => proxy === name) && value?.includes('@')) continue;
    // Exported shell functions (Shellshock) start like this and are code, not settings.
    if (value !== undefined && !value.startsWith('()')) result[name] = value;
  }
  return result;
}
