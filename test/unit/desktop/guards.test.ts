import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  blockRemoteLoads,
  externalUrl,
  guardAllContents,
  guardContents,
} from '../../../src/main/desktop/navigation-guard.ts';
import { denyPermissions } from '../../../src/main/desktop/permissions.ts';

type OpenHandler = Parameters<Parameters<typeof guardContents>[0]['setWindowOpenHandler']>[0];

class Contents extends EventEmitter {
  openHandler: OpenHandler | undefined;
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }
}

let contents: Contents;
let opened: string[];

beforeEach(() => {
  contents = new Contents();
  opened = [];
  // EventEmitter's `on` is wider than Electron's overloads, which name the event types.
  guardContents(contents as unknown as Parameters<typeof guardContents>[0], (url) => opened.push(url));
});

function navigates(event: string, url: string, isMainFrame = true): boolean {
  let isPrevented = false;
  contents.emit(event, { url, isMainFrame, preventDefault: () => (isPrevented = true) });
  return !isPrevented;
}

describe('navigation', () => {
  test('our own page may reload', () => {
    expect(navigates('will-navigate', 'app://gatehouse/index.html#/servers')).toBe(true);
  });

  test.each([
    'http://127.0.0.1:4283/',
    'file:///etc/passwd',
    'app://evil/index.html',
    'javascript:alert(1)',
    'data:text/html,x',
  ])('%s is refused and opened nowhere', (url) => {
    expect(navigates('will-navigate', url)).toBe(false);
    expect(opened).toEqual([]);
  });

  test('an https link leaves for the system browser', () => {
    expect(navigates('will-navigate', 'https://example.org/docs')).toBe(false);
    expect(opened).toEqual(['https://example.org/docs']);
  });

  test('a child frame goes nowhere, not even outside', () => {
    expect(navigates('will-frame-navigate', 'https://example.org/', false)).toBe(false);
    expect(opened).toEqual([]);
  });

  test('redirects and webviews are refused', () => {
    expect(navigates('will-redirect', 'app://gatehouse/index.html')).toBe(false);
    expect(navigates('will-attach-webview', '')).toBe(false);
  });

  test('a new window is never opened; https goes to the system browser', () => {
    const open = (url: string) => contents.openHandler?.({ url } as Parameters<OpenHandler>[0]);
    expect(open('https://example.org/')).toEqual({ action: 'deny' });
    expect(open('app://gatehouse/index.html')).toEqual({ action: 'deny' });
    expect(open('file:///etc/passwd')).toEqual({ action: 'deny' });
    expect(opened).toEqual(['https://example.org/']);
  });

  test('contents nobody meant to create are guarded too', () => {
    const app = new EventEmitter();
    const later = new Contents();
    guardAllContents(app as unknown as Parameters<typeof guardAllContents>[0], () => {});
    app.emit('web-contents-created', {}, later);
    expect(later.openHandler).toBeDefined();
  });
});

test.each([
  ['https://example.org/a?b=c', 'https://example.org/a?b=c'],
  ['HTTPS://EXAMPLE.org', 'https://example.org/'],
  ['http://example.org/', undefined],
  ['https://github.com@evil.example/', undefined],
  ['smb://host/share', undefined],
  ['vscode://file/etc/passwd', undefined],
  ['ms-msdt:/id', undefined],
  ['https:', undefined],
  ['', undefined],
])('of %s the system browser gets %s', (url, expected) => {
  expect(externalUrl(url)).toBe(expected);
});

test('requests for anything but our own files are cancelled', () => {
  let decide: (details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void = () => {};
  blockRemoteLoads({
    webRequest: {
      onBeforeRequest: (listener: unknown) => {
        decide = listener as typeof decide;
      },
    },
  });
  const isCancelled = (url: string) => {
    let cancel: boolean | undefined;
    decide({ url }, (response) => {
      cancel = response.cancel;
    });
    return cancel;
  };
  expect(isCancelled('app://gatehouse/index.html')).toBe(false);
  for (const url of [
    'https://example.org/x.js',
    'http://127.0.0.1:4283/mcp',
    'ws://127.0.0.1:1',
    'file:///etc/passwd',
    'app://other/',
  ]) {
    expect(isCancelled(url)).toBe(true);
  }
});

describe('permissions', () => {
  type Session = Parameters<typeof denyPermissions>[0];
  let request: NonNullable<Parameters<Session['setPermissionRequestHandler']>[0]>;
  let check: NonNullable<Parameters<Session['setPermissionCheckHandler']>[0]>;
  let device: NonNullable<Parameters<Session['setDevicePermissionHandler']>[0]>;
  const none = undefined as never;

  beforeEach(() => {
    denyPermissions({
      setPermissionRequestHandler: (handler) => {
        if (handler) request = handler;
      },
      setPermissionCheckHandler: (handler) => {
        if (handler) check = handler;
      },
      setDevicePermissionHandler: (handler) => {
        if (handler) device = handler;
      },
    });
  });

  const isGranted = (permission: string, requestingUrl: string) => {
    let isAllowed: boolean | undefined;
    request(none, permission as Parameters<typeof request>[1], (answer) => (isAllowed = answer), {
      requestingUrl,
      isMainFrame: true,
    } as Parameters<typeof request>[3]);
    return isAllowed;
  };

  test.each([
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'display-capture',
    'hid',
    'usb',
    'openExternal',
    'fileSystem',
    'pointerLock',
    'unknown',
  ])('%s is denied to our own page', (permission) => {
    expect(isGranted(permission, 'app://gatehouse/index.html')).toBe(false);
    expect(check(none, permission as Parameters<typeof check>[1], 'app://gatehouse/', none)).toBe(false);
  });

  test('the Copy buttons of our own page may write text to the clipboard, nobody else may', () => {
    expect(isGranted('clipboard-sanitized-write', 'app://gatehouse/index.html')).toBe(true);
    expect(check(none, 'clipboard-sanitized-write', 'app://gatehouse/', none)).toBe(true);
    expect(isGranted('clipboard-sanitized-write', 'https://example.org/')).toBe(false);
    expect(check(none, 'clipboard-sanitized-write', 'https://example.org', none)).toBe(false);
  });

  test('no device is ever allowed', () => {
    expect(device(none)).toBe(false);
  });
});
