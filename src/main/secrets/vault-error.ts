/** Why the vault refused, as a person needs to know it. Messages never hold a secret or a key. */
export type VaultErrorCode =
  | 'key_missing'
  | 'key_unsafe'
  | 'key_damaged'
  | 'key_wrong'
  | 'vault_damaged'
  | 'vault_newer'
  | 'vault_unwritable'
  | 'name_invalid'
  | 'value_too_long'
  | 'closed';

export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
