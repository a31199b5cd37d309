/** CSV after RFC 4180, safe to open in a spreadsheet. Pure. */

/**
 * One line, with its CRLF. A cell that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV
 * injection"): the log holds text that agents and servers chose.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // Spreadsheets skip leading blanks before they look for a formula.
  const inert = /^\s*[=+\-@\t\r\n|%]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
