import { describe, expect, it } from 'vitest';
import { inheritedEnvironment } from '../../../src/main/upstreams/child-environment.ts';

describe('What a server inherits from the environment of Gatehouse', () => {
  it('is where programs find their files, and no secret', () => {
    const own = { HOME: '/home/ada', PATH: '/usr/bin', GITHUB_TOKEN: 'secret', NODE_OPTIONS: '--require /tmp/x.js' };
    expect(inheritedEnvironment(own, 'linux')).toEqual({ HOME: '/home/ada', PATH: '/usr/bin' });
  });

  it('names the certificates to trust, so that servers work where TLS is inspected', () => {
    const own = { NODE_EXTRA_CA_CERTS: '/etc/ssl/company.pem', SSL_CERT_FILE: '/etc/ssl/company.pem' };
    expect(inheritedEnvironment(own, 'linux')).toEqual(own);
    expect(inheritedEnvironment(own, 'win32')).toEqual(own);
  });

  it('names the proxy, unless that holds a password', () => {
    const own = { HTTPS_PROXY: 'http://proxy.example:8080', http_proxy: 'http://ada:secret@proxy.example:8080' };
    expect(inheritedEnvironment(own, 'linux')).toEqual({ HTTPS_PROXY: 'http://proxy.example:8080' });
  });

  it('leaves exported shell functions out', () => {
    expect(inheritedEnvironment({ TERM: '() { :; }; echo x', TZ: 'UTC' }, 'linux')).toEqual({ TZ: 'UTC' });
  });
});
