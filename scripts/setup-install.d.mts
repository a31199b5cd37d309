interface LockFile {
  readonly packages?: Readonly<
    Record<
      string,
      { readonly version?: string; readonly integrity?: string; readonly optional?: boolean; readonly link?: boolean }
    >
  >;
}

/** See setup-install.mjs, which is plain JavaScript because it runs before anything is installed. */
export function staleness(lock: LockFile, installed: LockFile | undefined): string | undefined;
