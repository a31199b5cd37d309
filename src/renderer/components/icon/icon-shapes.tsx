import type { ReactNode } from 'react';

/** Inner shapes of the Gatehouse icon set: 16 px grid, 1.4 px line; stroke and fill come from the `.i` class. */
export const iconShapes = {
  home: (
    <>
      <path d="M2.2 7.2 8 2.4l5.8 4.8" />
      <path d="M3.6 6.2v7.3h8.8V6.2" />
      <path d="M6.6 13.4V9.6h2.8v3.8" />
    </>
  ),
  approvals: (
    <>
      <path d="M8 1.7 13 3.6v4c0 3.2-2.1 5.4-5 6.7-2.9-1.3-5-3.5-5-6.7v-4z" />
      <path d="M5.8 8l1.6 1.6 2.9-3.2" />
    </>
  ),
  activity: <path d="M1.4 8.2h2.9l2-5.4 3.4 10.4 2-5h2.9" />,
  server: (
    <>
      <rect x="2" y="2.6" width="12" height="4.6" rx="1.2" />
      <rect x="2" y="8.8" width="12" height="4.6" rx="1.2" />
      <circle cx="4.6" cy="4.9" r="0.8" fill="currentColor" stroke="none" />
      <circle cx="4.6" cy="11.1" r="0.8" fill="currentColor" stroke="none" />
      <path d="M9.4 4.9h2.2M9.4 11.1h2.2" />
    </>
  ),
  catalog: (
    <>
      <rect x="2.2" y="2.2" width="4.8" height="4.8" rx="1.2" />
      <rect x="9" y="2.2" width="4.8" height="4.8" rx="1.2" />
      <rect x="2.2" y="9" width="4.8" height="4.8" rx="1.2" />
      <path d="M11.4 9.2v4.4M9.2 11.4h4.4" />
    </>
  ),
  apps: (
    <>
      <rect x="1.8" y="2.8" width="12.4" height="10.4" rx="1.6" />
      <path d="M1.8 6.2h12.4" />
      <circle cx="4" cy="4.5" r="0.6" fill="currentColor" stroke="none" />
      <circle cx="6" cy="4.5" r="0.6" fill="currentColor" stroke="none" />
    </>
  ),
  rules: (
    <>
      <path d="M2 4.4h5.2M11 4.4h3" />
      <path d="M2 11.6h2.4M8.2 11.6H14" />
      <circle cx="9.1" cy="4.4" r="1.8" />
      <circle cx="6.3" cy="11.6" r="1.8" />
    </>
  ),
  settings: (
    <>
      <circle cx="8" cy="8" r="2" />
      <path d="M8 1.6v1.9M8 12.5v1.9M1.6 8h1.9M12.5 8h1.9M3.5 3.5l1.3 1.3M11.2 11.2l1.3 1.3M12.5 3.5l-1.3 1.3M4.8 11.2l-1.3 1.3" />
      <circle cx="8" cy="8" r="4.5" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.3" />
      <path d="M10.3 10.3l3.3 3.3" />
    </>
  ),
  'chevron-down': <path d="M4 6.2l4 4 4-4" />,
  'chevron-right': <path d="M6.2 4l4 4-4 4" />,
  'chevron-left': <path d="M9.8 4l-4 4 4 4" />,
  'chevron-up': <path d="M4 9.8l4-4 4 4" />,
  updown: (
    <>
      <path d="M5 6.2l3-3 3 3" />
      <path d="M5 9.8l3 3 3-3" />
    </>
  ),
  'arrow-right': (
    <>
      <path d="M2.8 8h10.2" />
      <path d="M9.2 4.2 13 8l-3.8 3.8" />
    </>
  ),
  'arrow-left': (
    <>
      <path d="M13.2 8H3" />
      <path d="M6.8 4.2 3 8l3.8 3.8" />
    </>
  ),
  'arrow-up': (
    <>
      <path d="M8 13.2V3" />
      <path d="M4.2 6.8 8 3l3.8 3.8" />
    </>
  ),
  'arrow-down': (
    <>
      <path d="M8 2.8V13" />
      <path d="M4.2 9.2 8 13l3.8-3.8" />
    </>
  ),
  external: (
    <>
      <path d="M6.4 3H3v10h10V9.6" />
      <path d="M9.2 2.6h4.2v4.2" />
      <path d="M13.2 2.8 7.4 8.6" />
    </>
  ),
  check: <path d="M3 8.6l3.2 3.2L13 4.8" />,
  x: <path d="M4 4l8 8M12 4l-8 8" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  more: (
    <>
      <circle cx="3.4" cy="8" r="1.05" fill="currentColor" stroke="none" />
      <circle cx="8" cy="8" r="1.05" fill="currentColor" stroke="none" />
      <circle cx="12.6" cy="8" r="1.05" fill="currentColor" stroke="none" />
    </>
  ),
  info: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 7.4v3.4" />
      <circle cx="8" cy="5.1" r="0.85" fill="currentColor" stroke="none" />
    </>
  ),
  warn: (
    <>
      <path d="M8 2.2 14.4 13.4H1.6z" />
      <path d="M8 6.4v3.2" />
      <circle cx="8" cy="11.4" r="0.85" fill="currentColor" stroke="none" />
    </>
  ),
  ban: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M3.8 3.8l8.4 8.4" />
    </>
  ),
  stop: <rect x="3.6" y="3.6" width="8.8" height="8.8" rx="1.2" />,
  pause: <path d="M5.4 3.4v9.2M10.6 3.4v9.2" />,
  play: <path d="M4.6 3v10l8-5z" />,
  power: (
    <>
      <path d="M8 1.8v5.6" />
      <path d="M4.4 4a5.4 5.4 0 1 0 7.2 0" />
    </>
  ),
  restart: (
    <>
      <path d="M13.4 8a5.4 5.4 0 1 1-1.7-3.9" />
      <path d="M13.6 1.9v3h-3" />
    </>
  ),
  undo: (
    <>
      <path d="M2.6 8a5.4 5.4 0 1 0 1.7-3.9" />
      <path d="M2.4 1.9v3h3" />
    </>
  ),
  copy: (
    <>
      <rect x="5.4" y="5.4" width="8.2" height="8.2" rx="1.4" />
      <path d="M3.4 10.6H2.8a.6.6 0 0 1-.6-.6V3a.8.8 0 0 1 .8-.8h7a.6.6 0 0 1 .6.6v.6" />
    </>
  ),
  eye: (
    <>
      <path d="M1.4 8S3.8 3.6 8 3.6 14.6 8 14.6 8 12.2 12.4 8 12.4 1.4 8 1.4 8z" />
      <circle cx="8" cy="8" r="1.9" />
    </>
  ),
  'eye-off': (
    <>
      <path d="M2.4 2.4l11.2 11.2" />
      <path d="M6.2 4a6 6 0 0 1 1.8-.3c4.2 0 6.6 4.3 6.6 4.3a12 12 0 0 1-1.9 2.3" />
      <path d="M4 5.2A12 12 0 0 0 1.4 8S3.8 12.3 8 12.3a6 6 0 0 0 2.6-.6" />
    </>
  ),
  pencil: (
    <>
      <path d="M2.6 13.4l.7-3.1 7.4-7.4a1.3 1.3 0 0 1 1.9 0l.5.5a1.3 1.3 0 0 1 0 1.9L5.7 12.7z" />
      <path d="M9.5 4.1l2.4 2.4" />
    </>
  ),
  trash: (
    <>
      <path d="M2.4 4.4h11.2" />
      <path d="M5.8 4.2V2.6h4.4v1.6" />
      <path d="M3.8 4.6l.6 8.9h7.2l.6-8.9" />
      <path d="M6.7 7v4M9.3 7v4" />
    </>
  ),
  lock: (
    <>
      <rect x="3" y="7" width="10" height="6.8" rx="1.4" />
      <path d="M5.2 6.8V5a2.8 2.8 0 0 1 5.6 0v1.8" />
    </>
  ),
  unlock: (
    <>
      <rect x="3" y="7" width="10" height="6.8" rx="1.4" />
      <path d="M5.2 6.8V4.6a2.8 2.8 0 0 1 5.4-.9" />
    </>
  ),
  key: (
    <>
      <circle cx="5" cy="11" r="2.8" />
      <path d="M7 9l6-6" />
      <path d="M10.4 5.6l2 2M12.2 3.8l1.4 1.4" />
    </>
  ),
  globe: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M2 8h12" />
      <path d="M8 2c2 1.8 2.8 3.8 2.8 6S10 12.2 8 14c-2-1.8-2.8-3.8-2.8-6S6 3.8 8 2z" />
    </>
  ),
  folder: (
    <path d="M1.8 12.6V3.6a.8.8 0 0 1 .8-.8h3.3l1.6 1.8h5.9a.8.8 0 0 1 .8.8v7.2a.8.8 0 0 1-.8.8H2.6a.8.8 0 0 1-.8-.8z" />
  ),
  file: (
    <>
      <path d="M9 1.8H4a.8.8 0 0 0-.8.8v10.8a.8.8 0 0 0 .8.8h8a.8.8 0 0 0 .8-.8V5.6z" />
      <path d="M8.8 2v3.8h3.8" />
    </>
  ),
  text: (
    <>
      <path d="M9 1.8H4a.8.8 0 0 0-.8.8v10.8a.8.8 0 0 0 .8.8h8a.8.8 0 0 0 .8-.8V5.6z" />
      <path d="M8.8 2v3.8h3.8" />
      <path d="M5.6 8.6h4.8M5.6 11.2h3.2" />
    </>
  ),
  cpu: (
    <>
      <rect x="4" y="4" width="8" height="8" rx="1.2" />
      <rect x="6.6" y="6.6" width="2.8" height="2.8" rx="0.4" />
      <path d="M6 1.6V4M10 1.6V4M6 12v2.4M10 12v2.4M1.6 6H4M1.6 10H4M12 6h2.4M12 10h2.4" />
    </>
  ),
  box: (
    <>
      <path d="M8 1.6 13.8 4.7v6.6L8 14.4 2.2 11.3V4.7z" />
      <path d="M2.4 4.8 8 7.8l5.6-3" />
      <path d="M8 7.9v6.3" />
    </>
  ),
  database: (
    <>
      <ellipse cx="8" cy="3.8" rx="5.2" ry="2" />
      <path d="M2.8 3.8v8.4c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2V3.8" />
      <path d="M2.8 8c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2" />
    </>
  ),
  book: (
    <>
      <path d="M8 4.2C6.6 3 4.6 2.8 2 2.8v9.4c2.6 0 4.6.2 6 1.4 1.4-1.2 3.4-1.4 6-1.4V2.8c-2.6 0-4.6.2-6 1.4z" />
      <path d="M8 4.2v9.2" />
    </>
  ),
  branch: (
    <>
      <circle cx="4.2" cy="3.6" r="1.7" />
      <circle cx="4.2" cy="12.4" r="1.7" />
      <circle cx="11.8" cy="5.2" r="1.7" />
      <path d="M4.2 5.4v5.2" />
      <path d="M11.8 7c0 2.6-3.6 2.2-7.4 3.6" />
    </>
  ),
  list: (
    <>
      <path d="M6.4 4h7.4M6.4 8h7.4M6.4 12h7.4" />
      <path d="M2.2 3.8l.9.9 1.6-1.8M2.2 7.8l.9.9 1.6-1.8M2.2 11.8l.9.9 1.6-1.8" />
    </>
  ),
  hash: (
    <>
      <path d="M3 5.8h10.6M2.4 10.2H13" />
      <path d="M6.6 2.4 5 13.6M11 2.4 9.4 13.6" />
    </>
  ),
  download: (
    <>
      <path d="M8 2v8" />
      <path d="M4.6 6.8 8 10.2l3.4-3.4" />
      <path d="M2.4 13.4h11.2" />
    </>
  ),
  upload: (
    <>
      <path d="M8 10.4v-8" />
      <path d="M4.6 5.6 8 2.2l3.4 3.4" />
      <path d="M2.4 13.4h11.2" />
    </>
  ),
  bookmark: <path d="M4 2.2h8v11.6l-4-3-4 3z" />,
  radar: (
    <>
      <circle cx="8" cy="8" r="6" />
      <circle cx="8" cy="8" r="2.6" />
      <path d="M8 8l4.2-4.2" />
    </>
  ),
  pointer: (
    <>
      <path d="M3 2.6l4 10.6 1.7-4.5 4.5-1.7z" />
      <path d="M8.8 8.8l4.4 4.4" />
    </>
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.4V8l2.6 1.6" />
    </>
  ),
  hourglass: (
    <>
      <path d="M4 2h8M4 14h8" />
      <path d="M4.8 2.2c0 3.6 6.4 3.6 6.4 0M4.8 13.8c0-3.6 2.2-3.8 3.2-5.8 1 2 3.2 2.2 3.2 5.8" />
    </>
  ),
  filter: <path d="M2 3.2h12L9.6 8.4v4.8l-3.2-1.6V8.4z" />,
  columns: (
    <>
      <rect x="2" y="2.8" width="12" height="10.4" rx="1.2" />
      <path d="M6 2.8v10.4M10 2.8v10.4" />
    </>
  ),
  bell: (
    <>
      <path d="M3.6 11.2c1-1 1.2-2.2 1.2-4.2a3.2 3.2 0 0 1 6.4 0c0 2 .2 3.2 1.2 4.2z" />
      <path d="M6.8 13.6a1.4 1.4 0 0 0 2.4 0" />
    </>
  ),
  plug: (
    <>
      <path d="M6 1.8v3.4M10 1.8v3.4" />
      <path d="M4 5.2h8v2.4a4 4 0 0 1-8 0z" />
      <path d="M8 11.6v2.8" />
    </>
  ),
  unplug: (
    <>
      <path d="M2 2l12 12" />
      <path d="M6 2v1.8M10 2v3.2" />
      <path d="M7.6 5.2H12v2.4c0 .9-.3 1.7-.8 2.3" />
      <path d="M4 6v1.6a4 4 0 0 0 5.4 3.7" />
      <path d="M8 11.8v2.6" />
    </>
  ),
  link: (
    <>
      <path d="M6.8 9.2a2.7 2.7 0 0 0 3.9 0l2.2-2.2a2.76 2.76 0 0 0-3.9-3.9l-.9.9" />
      <path d="M9.2 6.8a2.7 2.7 0 0 0-3.9 0L3.1 9a2.76 2.76 0 0 0 3.9 3.9l.9-.9" />
    </>
  ),
  terminal: (
    <>
      <rect x="1.8" y="2.8" width="12.4" height="10.4" rx="1.6" />
      <path d="M4.6 6l2.2 2-2.2 2M8.4 10.2h3" />
    </>
  ),
  code: <path d="M5.2 4.6 1.8 8l3.4 3.4M10.8 4.6 14.2 8l-3.4 3.4" />,
  message: <path d="M2 3.4h12v8.2H7.4L4.4 14v-2.4H2z" />,
  layers: (
    <>
      <path d="M8 2l6 3.2-6 3.2-6-3.2z" />
      <path d="M2.2 8.2 8 11.2l5.8-3" />
      <path d="M2.2 11l5.8 3 5.8-3" />
    </>
  ),
  gauge: (
    <>
      <path d="M2.6 12.2a6.2 6.2 0 1 1 10.8 0" />
      <path d="M8 9.4l2.8-3.4" />
      <circle cx="8" cy="9.6" r="1" fill="currentColor" stroke="none" />
    </>
  ),
  history: (
    <>
      <path d="M2.6 8a5.4 5.4 0 1 0 1.7-3.9" />
      <path d="M2.4 1.9v3h3" />
      <path d="M8 5.2V8l2 1.4" />
    </>
  ),
  diff: (
    <>
      <rect x="2.2" y="1.2" width="11.6" height="13.6" rx="1.6" />
      <path d="M8 3.6v4.4M5.8 5.8h4.4" />
      <path d="M5.8 11.4h4.4" />
    </>
  ),
  user: (
    <>
      <circle cx="8" cy="5.2" r="2.8" />
      <path d="M2.8 14c.4-2.8 2.6-4.2 5.2-4.2s4.8 1.4 5.2 4.2" />
    </>
  ),
  moon: <path d="M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M12.7 3.3l-1 1M4.3 11.7l-1 1" />
    </>
  ),
  monitor: (
    <>
      <rect x="1.8" y="2.4" width="12.4" height="8.6" rx="1.4" />
      <path d="M8 11v2.6M5.2 13.6h5.6" />
    </>
  ),
  drive: (
    <>
      <path d="M1.8 9.2 4 3.2h8l2.2 6v3.6H1.8z" />
      <path d="M1.8 9.2h12.4" />
      <circle cx="11.4" cy="11" r="0.8" fill="currentColor" stroke="none" />
    </>
  ),
  scan: (
    <>
      <path d="M2 5.2V2.8a.8.8 0 0 1 .8-.8h2.4M10.8 2h2.4a.8.8 0 0 1 .8.8v2.4M14 10.8v2.4a.8.8 0 0 1-.8.8h-2.4M5.2 14H2.8a.8.8 0 0 1-.8-.8v-2.4" />
      <path d="M4.8 6.6h6.4M4.8 9.4h4" />
    </>
  ),
  hand: (
    <path d="M4.8 8.6V3.7a1 1 0 0 1 2 0v3.5M6.8 7V2.6a1 1 0 0 1 2 0V7M8.8 7V3.2a1 1 0 0 1 2 0v4.6M10.8 7.2V5.2a1 1 0 0 1 2 0v4.4c0 3-1.8 4.8-4.4 4.8-2.4 0-3.4-1-4.4-3L2.6 8.7a1 1 0 0 1 1.7-1l.9 1.3" />
  ),
  tag: (
    <>
      <path d="M2.2 2.2h5.6l6 6-5.6 5.6-6-6z" />
      <circle cx="5.2" cy="5.2" r="0.95" fill="currentColor" stroke="none" />
    </>
  ),
  network: (
    <>
      <rect x="6" y="1.8" width="4" height="3.6" rx="0.8" />
      <rect x="1.6" y="10.6" width="4" height="3.6" rx="0.8" />
      <rect x="10.4" y="10.6" width="4" height="3.6" rx="0.8" />
      <path d="M8 5.4v2.6M3.6 10.6V8h8.8v2.6" />
    </>
  ),
  keyboard: (
    <>
      <rect x="1.4" y="3.8" width="13.2" height="8.4" rx="1.4" />
      <path d="M4 6.6h.01M6.7 6.6h.01M9.3 6.6h.01M12 6.6h.01M5 9.6h6" />
    </>
  ),
  star: <path d="M8 2l1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z" />,
  verified: (
    <>
      <path d="M8 1.5l1.7 1.3 2.1-.2.5 2.1 1.7 1.3-.9 2 .9 2-1.7 1.3-.5 2.1-2.1-.2L8 14.5l-1.7-1.3-2.1.2-.5-2.1L2 10l.9-2L2 6l1.7-1.3.5-2.1 2.1.2z" />
      <path d="M5.8 8.1l1.5 1.5 2.9-3.1" />
    </>
  ),
  mail: (
    <>
      <rect x="1.8" y="3.2" width="12.4" height="9.6" rx="1.2" />
      <path d="M2.2 4l5.8 4.6L13.8 4" />
    </>
  ),
  chart: (
    <>
      <path d="M2.2 2.2v11.6h11.6" />
      <path d="M5.4 10.6V8M8.4 10.6V5M11.4 10.6V7" />
    </>
  ),
  cloud: <path d="M4.6 12.6a3 3 0 0 1-.4-6 4.2 4.2 0 0 1 8-.4 3.2 3.2 0 0 1-.4 6.4z" />,
  map: (
    <>
      <path d="M1.8 4l4.2-1.8 4 1.8 4.2-1.8v9.8L10 13.8l-4-1.8-4.2 1.8z" />
      <path d="M6 2.4V12M10 4v9.6" />
    </>
  ),
  shield: <path d="M8 1.7 13 3.6v4c0 3.2-2.1 5.4-5 6.7-2.9-1.3-5-3.5-5-6.7v-4z" />,
  'shield-off': (
    <>
      <path d="M2.2 2.2l11.6 11.6" />
      <path d="M5.8 2.5 8 1.7 13 3.6v4c0 .8-.1 1.5-.4 2.2" />
      <path d="M11 11.9c-.8.9-1.8 1.7-3 2.4-2.9-1.3-5-3.5-5-6.7V4.2" />
    </>
  ),
  split: (
    <>
      <path d="M2.4 8h3.4l4-4.4h3.8M5.8 8l4 4.4h3.8" />
      <path d="M11.6 1.6l2 2-2 2M11.6 10.4l2 2-2 2" />
    </>
  ),
  replay: (
    <>
      <path d="M3 3.2v9.6" />
      <path d="M13 3.4 6 8l7 4.6z" />
    </>
  ),
  camera: (
    <>
      <rect x="1.6" y="4.2" width="12.8" height="9" rx="1.4" />
      <circle cx="8" cy="8.6" r="2.4" />
      <path d="M5.4 4 6.4 2.4h3.2L10.6 4" />
    </>
  ),
  printer: (
    <>
      <path d="M4.4 5.6V2.2h7.2v3.4" />
      <path d="M4.4 11.6H2.2v-6h11.6v6h-2.2" />
      <rect x="4.4" y="9.2" width="7.2" height="4.6" rx="0.4" />
    </>
  ),
  'k-cmd': (
    <path d="M10 4.2v7.6a1.8 1.8 0 1 0 1.8-1.8H4.2a1.8 1.8 0 1 0 1.8 1.8V4.2a1.8 1.8 0 1 0-1.8 1.8h7.6A1.8 1.8 0 1 0 10 4.2" />
  ),
  'k-opt': (
    <>
      <path d="M2.4 4.2h3.4l4.4 8.2h3.4" />
      <path d="M9.4 4.2h4.2" />
    </>
  ),
  'k-shift': <path d="M8 2.6 13.4 8h-2.8v5H5.4V8H2.6z" />,
  'k-enter': (
    <>
      <path d="M13 3.6v3.8a1.6 1.6 0 0 1-1.6 1.6H3.4" />
      <path d="M6.4 6 3.2 9l3.2 3" />
    </>
  ),
  'k-back': (
    <>
      <path d="M5.2 3.6h8.6v8.8H5.2L1.8 8z" />
      <path d="M7.6 6.2l3.6 3.6M11.2 6.2 7.6 9.8" />
    </>
  ),
  'k-ctrl': <path d="M3.6 8.6 8 4.2l4.4 4.4" />,
} satisfies Record<string, ReactNode>;
