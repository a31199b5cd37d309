/** About how many tokens a text costs: four characters each, as English and JSON come out at. */
export function tokensText(chars: number): string {
  const tokens = Math.round(chars / 4);
  return tokens < 1000 ? `${tokens} tokens` : `${(tokens / 1000).toFixed(1)}k tokens`;
}
