/**
 * The pages outside the app: signing in with the printed address, and what a browser without a session sees.
 * The token travels in the address's fragment, which browsers send to nobody: it reaches no log, proxy or Referer, and
 * nothing that merely fetches the address (a link preview, say) uses it up.
 */

/** Where the renderer's transport finds the key again. */
const pageKeyStorageKey = 'gatehouse.page-key';

const page = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/login.css">
</head>
<body><main>${body}</main></body>
</html>
`;

const howToGetOne = `<p>Get a new address in one of two ways:</p>
<ul>
<li>press Enter in the terminal where <code>gatehouse serve</code> runs;</li>
<li>run <code>gatehouse console</code>, and confirm it where you are signed in already.</li>
</ul>`;

export const loginPage = page(
  'Gatehouse: sign in',
  `<h1 id="title">Signing in…</h1>
<noscript><p>The console needs JavaScript.</p></noscript>
<section id="failed" hidden><p id="reason" role="alert"></p>${howToGetOne}</section>
<script src="/login.js"></script>`,
);

export const signedOutPage = page(
  'Gatehouse: not signed in',
  `<h1>This browser is not signed in</h1>
<p>The console opens with a one-time address, so that no other program on this computer can use it in your name.</p>
${howToGetOne}`,
);

export const loginScript = `'use strict';
(async () => {
  const token = location.hash.slice(1);
  history.replaceState(null, '', '/login');
  const answer = token
    ? await fetch('/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      }).catch(() => undefined)
    : undefined;
  if (answer && answer.ok) {
    localStorage.setItem('${pageKeyStorageKey}', (await answer.json()).pageKey);
    location.replace('/');
    return;
  }
  // A used address in a browser that is signed in already is no reason to complain.
  const home = await fetch('/', { method: 'HEAD' }).catch(() => undefined);
  if (home && home.ok) {
    location.replace('/');
    return;
  }
  document.getElementById('title').textContent = 'This address does not work';
  document.getElementById('reason').textContent = home
    ? 'A sign-in address works once, and for 15 minutes. This one was used or is too old.'
    : 'Gatehouse does not answer. It may have been stopped.';
  document.getElementById('failed').hidden = false;
})();
`;

export const loginStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 18vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.35rem; }
code { font-family: ui-monospace, monospace; }
`;
