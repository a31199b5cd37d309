/** `gatehouse doctor` and `gatehouse console`: small questions to the running instance. */
import { type AdminOptions, printResult, type WideningOptions, widen, withInstance } from './admin.ts';
import { printLine, printNote } from './output.ts';
import { printable } from './printable.ts';

/** Says what is well and what is not; exit code 1 when something is not. */
export async function doctor(options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const findings = await client.system.doctor();
    printResult(options, findings, () => {
      for (const { ok, title, detail, nextStep } of findings) {
        printLine(`${ok ? 'ok  ' : 'BAD '}  ${printable(title)}`);
        printLine(`      ${printable(detail)}`);
        if (nextStep) printLine(`      Next: ${printable(nextStep)}`);
      }
    });
    if (findings.some((finding) => !finding.ok)) process.exitCode = 1;
  });
}

/** Prints a fresh one-time address of the console. */
export async function openConsoleUrl(options: WideningOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const login = await widen(
      client,
      options,
      () => client.system.consoleLogin(),
      async () => (await import('@shared/contract/system.ts')).consoleLoginSchema,
    );
    printResult(options, login, ({ url }) => {
      printLine(url);
      printNote('It signs one browser in, once, within 15 minutes. Whoever opens it acts as you.');
    });
  });
}
